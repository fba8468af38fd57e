import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import type { ClientTls } from '../../../lib/client-tls.ts';
import { type Authority, createAuthority, type Issued } from '../../support/certificates.ts';
import { startTlsTerminator } from '../../support/tls-terminator.ts';
import { json, requestTo, startSubgraph } from './subgraph-server.ts';

const DAY_MS = 86_400_000;
let authority: Authority;
let other: Authority;
let ours: Issued;
beforeAll(async () => {
  [authority, other] = [await createAuthority(), await createAuthority()];
  ours = await authority.issue({ name: 'gateway' });
});
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What a subgraph behind TLS answers: `answered`, or the code of the failure. */
async function ask(pair: Issued, tls: ClientTls, clientCa?: string, kind: 'query' | 'mutation' = 'query') {
  const subgraph = await startSubgraph(json({ data: { hello: 'there' } }));
  const target = { host: '127.0.0.1', port: Number(new URL(subgraph.url).port) };
  const front = await startTlsTerminator({ pair, target, ...(clientCa === undefined ? {} : { clientCa }) });
  const url = `https://localhost:${front.port}/graphql`;
  const transport = createHttpTransport({ subgraphs: { crm: { url, trusted: false, timeoutMs: 5_000 } }, tls });
  closers.push(subgraph.close, front.close, () => transport.close());
  const outcome = await transport.send(requestTo(kind === 'query' ? {} : { kind, text: 'mutation { hello }' })).then(
    ({ data }) => ({ data }),
    ({ code, message }) => {
      expect(message).not.toMatch(/localhost|https:|CERT|certificate/);
      return { code };
    },
  );
  return { outcome, received: subgraph.received.length };
}

describe('the HTTP transport over TLS', () => {
  it('reaches a subgraph whose authority it was told of', async () => {
    expect(await ask(await authority.issue(), { ca: authority.cert })).toEqual({
      outcome: { data: { hello: 'there' } },
      received: 1,
    });
  });

  it('shows its own certificate to a subgraph that asks for one, and is refused without', async () => {
    const server = await authority.issue();
    expect(await ask(server, { ca: authority.cert, ...ours }, authority.cert)).toMatchObject({ received: 1 });
    expect(await ask(server, { ca: authority.cert }, authority.cert)).toEqual({
      outcome: { code: 'SUBGRAPH_UNAVAILABLE' },
      received: 0,
    });
    expect(await ask(server, { ca: authority.cert, ...(await other.issue()) }, authority.cert)).toMatchObject({
      outcome: { code: 'SUBGRAPH_UNAVAILABLE' },
      received: 0,
    });
  });

  it.each<[string, () => Promise<Issued>, () => ClientTls]>([
    ['an authority it was not told of', () => authority.issue(), () => ({})],
    ['another authority', () => authority.issue(), () => ({ ca: other.cert })],
    [
      'an expired certificate',
      () => authority.issue({ from: Date.now() - 2 * DAY_MS, to: Date.now() - DAY_MS }),
      () => ({ ca: authority.cert }),
    ],
    ['another name', () => authority.issue({ name: 'crm.example' }), () => ({ ca: authority.cert })],
  ])('sends nothing to a subgraph with %s', async (_, issue, tls) => {
    for (const kind of ['query', 'mutation'] as const)
      expect(await ask(await issue(), tls(), undefined, kind)).toEqual({
        outcome: { code: 'SUBGRAPH_UNAVAILABLE' },
        received: 0,
      });
  });
});
