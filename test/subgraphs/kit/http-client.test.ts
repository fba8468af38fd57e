import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { createHttpClient, type HttpClientOptions, type VendorFailure } from '../../../subgraphs/kit/http-client.ts';

const SECRET = 'sk_test_canary_1f0c';
let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  server = undefined;
});

/** A vendor that answers by a script, the last line for ever; remembers what it was asked. */
async function startVendor(...script: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const seen: IncomingMessage[] = [];
  server = createServer((request, response) => {
    seen.push(request);
    const step = script[Math.min(seen.length, script.length) - 1];
    request.resume().on('end', () => step?.(request, response));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pauses: number[] = [];
  const open = (options: Partial<HttpClientOptions> = {}) =>
    createHttpClient({
      vendor: 'Stripe',
      baseUrl,
      headers: { authorization: `Bearer ${SECRET}` },
      random: () => 1,
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
      },
      ...options,
    });
  return { seen, pauses, open, baseUrl };
}

const answer =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
const hangUp = (request: IncomingMessage) => void request.socket.destroy();
const GET = { method: 'GET', path: '/v1/x' } as const;
const POST = { method: 'POST', path: '/v1/x', body: 'a=b' } as const;

/** The error of a promise that must reject. */
async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('the HTTP client', () => {
  it('gives the parsed body of a 2xx, and sends its headers with each request', async () => {
    const { open, seen } = await startVendor(answer(200, { ok: 1 }));
    const { json, status } = await open().send({ ...POST, headers: { 'x-own': '1' }, idempotencyKey: 'k1' });
    expect({ json, status }).toEqual({ json: { ok: 1 }, status: 200 });
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${SECRET}`,
      'x-own': '1',
      'idempotency-key': 'k1',
    });
  });

  it('repeats a read after faults, ever later, and gives the answer that comes at last', async () => {
    const { open, pauses } = await startVendor(answer(500), hangUp, answer(503, 'busy'), answer(200, { ok: 1 }));
    expect((await open().send(GET)).json).toEqual({ ok: 1 });
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it('spreads its pauses over the whole of the back-off', async () => {
    const { open, pauses } = await startVendor(answer(500), answer(200));
    await open({ random: () => 0.1 }).send(GET);
    expect(pauses).toEqual([25]);
  });

  it.each([
    ['seconds', '2', 2_000],
    ['no number', 'soon', 250],
  ])('waits as long as Retry-After asks (%s)', async (_form, value, expected) => {
    const { open, pauses } = await startVendor(answer(429, {}, { 'retry-after': value }), answer(200));
    await open().send(GET);
    expect(pauses).toEqual([expected]);
  });

  it('waits until the date that Retry-After names', async () => {
    const at = new Date(Date.now() + 5_000).toUTCString();
    const { open, pauses } = await startVendor(answer(503, {}, { 'retry-after': at }), answer(200));
    await open().send(GET);
    expect(pauses[0]).toBeGreaterThan(3_000);
    expect(pauses[0]).toBeLessThanOrEqual(5_000);
  });

  it('gives up at once when asked to wait longer than it may', async () => {
    const { open, seen } = await startVendor(answer(429, {}, { 'retry-after': '60' }));
    const error = await failure(open().send(GET));
    expect(error).toMatchObject({ code: 'VENDOR_RATE_LIMITED', retryable: true });
    expect((error.cause as VendorFailure).retryAfter).toBe(60_000);
    expect(seen).toHaveLength(1);
  });

  it('never repeats a write without an idempotency key', async () => {
    const { open, seen } = await startVendor(answer(500));
    expect((await failure(open().send(POST))).code).toBe('VENDOR_UNAVAILABLE');
    expect(seen).toHaveLength(1);
  });

  it('repeats a write with an idempotency key, always with the same one', async () => {
    const { open, seen } = await startVendor(hangUp, answer(409), answer(200));
    await open().send({ ...POST, idempotencyKey: 'k1' });
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['k1', 'k1', 'k1']);
  });

  it.each([
    [500, 'VENDOR_UNAVAILABLE', 4],
    [429, 'VENDOR_RATE_LIMITED', 4],
    [400, 'VENDOR_REJECTED', 1],
    [401, 'VENDOR_REJECTED', 1],
    [404, 'VENDOR_REJECTED', 1],
  ])('a vendor that only answers %d: %s after %d attempts', async (status, code, attempts) => {
    const { open, seen } = await startVendor(answer(status, { error: { message: 'no' } }));
    const error = await failure(open().send(GET));
    expect(error).toMatchObject({ code, extensions: { vendor: 'Stripe', status } });
    expect(error.cause).toMatchObject({ status, body: { error: { message: 'no' } } });
    expect(seen).toHaveLength(attempts);
  });

  it('follows no redirect, so that the key goes nowhere else', async () => {
    const { open, seen } = await startVendor(answer(302, '', { location: 'http://127.0.0.1:9/' }));
    expect((await failure(open().send(GET))).code).toBe('VENDOR_REJECTED');
    expect(seen).toHaveLength(1);
  });

  it('takes a 2xx that is not JSON for no answer', async () => {
    const { open } = await startVendor(answer(200, '<html>'));
    expect((await failure(open({ maxAttempts: 1 }).send(GET))).code).toBe('VENDOR_UNAVAILABLE');
  });

  it('gives up on a vendor that is silent, also in the middle of its answer', async () => {
    const stall = (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(200).write('{');
    const { open } = await startVendor(stall);
    const error = await failure(open({ timeoutMs: 50, maxAttempts: 2 }).send(GET));
    expect(error.code).toBe('VENDOR_UNAVAILABLE');
  });

  it('shows no key, address or body in its errors', async () => {
    const { open, baseUrl } = await startVendor(answer(402, { error: { message: `key ${SECRET}` } }), hangUp);
    for (const request of [POST, POST]) {
      const { message, extensions } = await failure(open({ maxAttempts: 1 }).send(request));
      const shown = JSON.stringify({ message, extensions });
      expect([SECRET, baseUrl, 'a=b'].filter((text) => shown.includes(text))).toEqual([]);
    }
  });
});
