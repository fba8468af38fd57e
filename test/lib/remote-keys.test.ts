import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { createRemoteKeys } from '../../lib/remote-keys.ts';
import { makeEcKey, NOW } from './token-forge.ts';

const key = makeEcKey('k');
const jwks = JSON.stringify({ keys: [key.jwk] });
const unavailable = expect.objectContaining({ code: 'IDENTITY_PROVIDER_UNAVAILABLE', retryable: true });
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function setUp(location: { jwksUri: string } | { issuer: string }) {
  const clock = createFrozenClock(NOW);
  const findKey = createRemoteKeys({ location, fetch, clock, logger: silentLogger, timeoutMs: 300 });
  return { clock, find: () => findKey({ alg: 'ES256', kid: 'k' }) };
}

describe('createRemoteKeys', () => {
  it('finds the keys where the discovery document says', async () => {
    const url = await serve((request, response) => {
      const isDiscovery = request.url === '/oidc/.well-known/openid-configuration';
      const discovery = JSON.stringify({ issuer: `${url}/oidc`, jwks_uri: `${url}/keys` });
      response.end(isDiscovery ? discovery : jwks);
    });
    await expect(setUp({ issuer: `${url}/oidc` }).find()).resolves.toMatchObject({ type: 'public' });
  });

  it('does not follow a discovery document of another issuer', async () => {
    const paths: unknown[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      response.end(JSON.stringify({ issuer: 'https://evil.example', jwks_uri: `${url}/keys` }));
    });
    await expect(setUp({ issuer: url }).find()).rejects.toEqual(unavailable);
    expect(paths).toEqual(['/.well-known/openid-configuration']);
  });

  it.each<[string, RequestListener]>([
    ['answers 500', (_, response) => void response.writeHead(500).end(jwks)],
    ['redirects', (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['sends no JSON', (_, response) => void response.end('<html>')],
    ['sends another JSON', (_, response) => void response.end('{"keys":{}}')],
    ['sends keys without a type', (_, response) => void response.end('{"keys":[null]}')],
    ['sends more than 256 kB', (_, response) => void response.end(' '.repeat(300_000) + jwks)],
    ['never ends its answer', (_, response) => void response.writeHead(200).write('{')],
    ['hangs up', (request) => void request.socket.destroy()],
  ])('has no keys while the provider %s', async (_, listener) => {
    const url = await serve(listener);
    await expect(setUp({ jwksUri: `${url}/keys` }).find()).rejects.toEqual(unavailable);
  });

  it('asks once for many who wait, and again 2 s after a failure', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(requests === 1 ? 503 : 200).end(jwks);
    });
    const { clock, find } = setUp({ jwksUri: url });
    const waiting = await Promise.allSettled(Array.from({ length: 50 }, find));
    expect(waiting.every((one) => one.status === 'rejected')).toBe(true);
    await expect(find()).rejects.toEqual(unavailable);
    expect(requests).toBe(1);
    clock.advance(2_000);
    await Promise.all(Array.from({ length: 50 }, find));
    expect(requests).toBe(2);
  });
});
