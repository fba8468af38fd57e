import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBoundPort } from '../../app/free-port.ts';
import { type ServerProcess, startServerProcess } from '../../app/server-process.ts';
import { systemClock } from '../../lib/clock.ts';
import { generateSigningKey, toPublicKey } from '../../lib/signing-key.ts';
import { mintToken } from '../../sandbox/identity/mint-token.ts';
import type { Role } from '../../sandbox/identity/roles.ts';

/** How the vendor of the world behaves: refuses the input, refuses the key, answers a page, or hangs up. */
export type VendorMood = 'refuses' | 'denies' | 'page' | 'reset';

/** A server as in production, with an identity provider and a Stripe of its own that only ever fails. */
export interface Production {
  readonly server: ServerProcess;
  readonly sandboxPort: number;
  readonly dataDir: string;
  /** Secrets and keys it was started with. */
  readonly secrets: readonly string[];
  token(role: Role): Promise<string>;
  setMood(mood: VendorMood): void;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

/** Starts one that logs all it can. */
export async function startProduction(): Promise<Production> {
  const key = generateSigningKey();
  const world = await openWorld({ keys: [toPublicKey(key)] });
  const identityKey = generateSigningKey();
  const secrets = {
    STRIPE_API_KEY: 'sk_test_canaryapikey',
    STRIPE_WEBHOOK_SECRET: 'whsec_canarynew,whsec_canaryold',
    CURSOR_SECRET: 'canarycursorsecretcanarycursorsecret',
    SUBGRAPH_IDENTITY_KEY: JSON.stringify(identityKey),
  };
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-production-'));
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  const settings = { NODE_ENV: 'production', LOG_LEVEL: 'debug', OIDC_ISSUER: world.url, STRIPE_API_URL: world.url };
  const server = await startServerProcess({ dataDir, port, sandboxPort, env: { ...settings, ...secrets } });
  return {
    server,
    sandboxPort,
    dataDir,
    secrets: [
      ...Object.values(secrets)
        .flatMap((text) => text.split(/[,"]/))
        .filter((text) => /canary/.test(text)),
      identityKey.d,
    ],
    token: (role) => mintToken({ role, key, issuer: world.url, audience: 'tributary', clock: systemClock }),
    setMood: world.setMood,
    close: async () => {
      await server.stop();
      world.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function openWorld(keys: object) {
  let mood: VendorMood = 'refuses';
  const server = createServer((request, response) => {
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    request.resume();
    if (request.url === '/.well-known/openid-configuration') return json(200, { issuer: url, jwks_uri: `${url}/keys` });
    if (request.url === '/keys') return json(200, keys);
    if (mood === 'reset') return request.socket.destroy();
    if (mood === 'page') return response.writeHead(500).end(`<html>${request.headers.authorization}</html>`);
    const error = { type: 'invalid_request_error', message: 'Invalid request.', param: 'email' };
    return json(mood === 'denies' ? 401 : 400, { error });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    setMood: (next: VendorMood) => {
      mood = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
