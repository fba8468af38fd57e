import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { toOrigin } from '../../../../gateway/transport/http1/dial.ts';
import { Pool, type PoolOptions } from '../../../../gateway/transport/http1/pool.ts';
import { Lifetime } from '../../../../gateway/transport/lifetime.ts';
import { DEFAULT_TRAFFIC } from '../../../../gateway/transport/traffic.ts';
import { createAuthority } from '../../../support/certificates.ts';
import { HELLO, type RawAnswer, response, startRawServer } from '../raw-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(url: string, options: Partial<PoolOptions> = {}) {
  const pool = new Pool({
    ...DEFAULT_TRAFFIC,
    tls: {},
    maxBytes: 1_000_000,
    origin: toOrigin(new URL(url)),
    ...options,
  });
  closers.push(() => pool.close());
  const send = (body = '', timeoutMs = 5_000, signal = new AbortController().signal) => {
    const text = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const lifetime = new Lifetime({ subgraph: 'crm', timeoutMs, signal });
    return pool.send({ bytes: { text, encoding: 'latin1' }, lifetime }).finally(() => lifetime.close());
  };
  return { pool, send };
}

async function start(answer: RawAnswer, options: Partial<PoolOptions> = {}) {
  const server = await startRawServer(answer);
  closers.push(server.close);
  return { server, ...open(server.url, options) };
}

const bodyOf = async (sent: ReturnType<Pool['send']>) => (await sent).body.toString();

describe('a pool', () => {
  it('has no more connections than it may, and serves those that wait in the order they came', async () => {
    let running = 0;
    let most = 0;
    const { pool, send, server } = await start(
      (socket) => {
        most = Math.max(most, ++running);
        setTimeout(() => {
          running -= 1;
          socket.write(HELLO);
        }, 5);
      },
      { connections: 3 },
    );
    await Promise.all(Array.from({ length: 30 }, (_, index) => send(String(index))));
    expect([most, pool.size, server.connections()]).toEqual([3, 3, 3]);
    const order = server.requests.map(({ body }) => Number(body));
    for (const [place, index] of order.entries()) expect(Math.abs(place - index)).toBeLessThan(3);
  });

  it('uses the connection that was used last, so that the others can go', async () => {
    const { send, server } = await start((socket) => socket.write(HELLO));
    await Promise.all([send(), send(), send()]);
    for (let index = 0; index < 5; index += 1) await send();
    expect(new Set(server.requests.slice(-5).map(({ connection }) => connection)).size).toBe(1);
  });

  it('lets a request leave that waits, without a place lost', async () => {
    const { send, server } = await start((socket) => setTimeout(() => socket.write(HELLO), 100), { connections: 1 });
    const first = send('first');
    const client = new AbortController();
    const left = send('left', 5_000, client.signal);
    const late = send('late', 30);
    const last = send('last');
    setTimeout(() => client.abort(), 10);
    await expect(left).rejects.toMatchObject({ fault: 'left' });
    await expect(late).rejects.toMatchObject({ fault: 'late' });
    expect(await bodyOf(first)).toBe(await bodyOf(last));
    expect(server.requests.map(({ body }) => body)).toEqual(['first', 'last']);
  });

  it('makes a new connection for those that wait when one is lost', async () => {
    const { send, server } = await start(
      (socket, { index }) => (index === 1 ? socket.destroy() : socket.write(HELLO)),
      { connections: 1 },
    );
    const [first, second] = [send(), send()];
    await expect(first).rejects.toMatchObject({ name: 'ConnectionError', hadResponse: false, wasReused: false });
    expect((await second).head.status).toBe(200);
    expect(server.connections()).toBe(2);
  });

  it('fails everybody who waits for a server that is not there, each once', async () => {
    const { send } = open('http://127.0.0.1:1/', { connections: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 7 }, () => send()));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(7).fill('rejected'));
  });

  it('fails what runs, waits or comes later once it is closed', async () => {
    const { pool, send } = await start(() => {}, { connections: 1 });
    const sent = [send(), send()];
    await new Promise((resolve) => setTimeout(resolve, 30));
    pool.close();
    for (const call of [...sent, send()]) await expect(call).rejects.toMatchObject({ name: 'ConnectionError' });
  });

  it('reaches a server by its name as by its address', async () => {
    const { server } = await start((socket) => socket.write(HELLO));
    const { send } = open(server.url.replace('127.0.0.1', 'localhost'));
    expect((await send()).head.status).toBe(200);
  });

  it('resumes its TLS session on the next connection', async () => {
    const authority = await createAuthority();
    const reused: boolean[] = [];
    const server = createServer({ ...(await authority.issue()) }, (socket) => {
      reused.push(socket.isSessionReused());
      socket.once('data', () => socket.end(response('{}', ['connection: close'])));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { send } = open(`https://localhost:${port}/`, { tls: { ca: authority.cert } });
    for (let index = 0; index < 3; index += 1) await send();
    expect(reused).toEqual([false, true, true]);
  });

  it('is an origin of an IPv6 address without its brackets', () => {
    expect(toOrigin(new URL('https://[::1]/graphql'))).toEqual({ isTls: true, host: '::1', port: 443 });
    expect(toOrigin(new URL('http://crm:8080/'))).toEqual({ isTls: false, host: 'crm', port: 8_080 });
  });
});
