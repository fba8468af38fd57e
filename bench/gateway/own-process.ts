import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createGateway, createHttpTransport, readRoutingUrls } from '../../gateway/index.ts';
import { systemClock } from '../../lib/clock.ts';
import { createTokenVerifier } from '../../lib/verify-token.ts';

/** Our gateway as the bench starts it: limits on, in-flight deduplication off, nothing logged, nothing traced. */
const { values } = parseArgs({
  options: {
    supergraph: { type: 'string' },
    port: { type: 'string' },
    tier: { type: 'string', default: 'fast' },
    /** JWKS of one issuer: then callers need a token. */
    jwks: { type: 'string' },
    issuer: { type: 'string', default: '' },
    audience: { type: 'string', default: '' },
  },
});
const supergraph = readFileSync(values.supergraph ?? '', 'utf8');
const urls = Object.entries(readRoutingUrls(supergraph));
const http = createHttpTransport({
  subgraphs: Object.fromEntries(urls.map(([name, url]) => [name, { url, trusted: false }])),
});
const transport = values.tier === 'exact' ? { send: http.send, close: http.close } : http;
const gateway = await createGateway({ supergraph, transport, ...authentication() });
await gateway.listen({ host: '127.0.0.1', port: Number(values.port) });
process.on('SIGTERM', () => process.exit(0));

function authentication() {
  const { jwks, issuer, audience } = values;
  if (!jwks) return {};
  const keys = { jwks: JSON.parse(readFileSync(jwks, 'utf8')) };
  const verifier = createTokenVerifier({ issuer, audience, keys, clock: systemClock });
  return { authenticate: (token: string) => verifier.verify(token) };
}
