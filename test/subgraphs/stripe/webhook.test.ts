import { existsSync, readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../../lib/clock.ts';
import { loadConfig } from '../../../lib/config.ts';
import { AppError } from '../../../lib/errors.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createConnectionRegistry } from '../../../subgraphs/kit/connections.ts';
import type { Runtime } from '../../../subgraphs/kit/service.ts';
import type { WebhookRequest } from '../../../subgraphs/kit/webhook.ts';
import { createClient } from '../../../subgraphs/stripe/client.ts';
import { createWebhook } from '../../../subgraphs/stripe/webhook.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { openTestStore } from '../../support/test-store.ts';

const NOW = 1_700_000_000_000;
const SECRET = 'whsec_test_secret';
const VECTORS = new URL('../../../../shared/data/vendors/webhook-vectors.json', import.meta.url);
const sdk = new Stripe('sk_test_x');

let bus: Awaited<ReturnType<typeof openTestBus>>;
beforeAll(async () => {
  bus = await openTestBus();
});
afterAll(() => bus.close());

function receiver(overrides: Partial<Runtime> = {}) {
  const connection = { vendor: 'stripe', tenant: 'acme', baseUrl: 'http://127.0.0.1:9', apiKey: 'sk_test_x' };
  const connections = createConnectionRegistry([
    { ...connection, id: 'default', webhookSecrets: ['whsec_old', SECRET] },
    { ...connection, id: 'globex', tenant: 'globex', webhookSecrets: ['whsec_globex'] },
  ]);
  const runtime = {
    config: loadConfig({}),
    store: { outbox: undefined } as never,
    bus,
    connections,
    exists: async () => new Set<string>(),
    clock: createFrozenClock(NOW),
    logger: silentLogger,
    fetch,
    ...overrides,
  };
  return createWebhook({ runtime, client: createClient(runtime) });
}

function request(
  payload: string,
  given: Partial<WebhookRequest> & { secret?: string; at?: number } = {},
): WebhookRequest {
  const { secret = SECRET, at = NOW / 1_000, ...rest } = given;
  const header = sdk.webhooks.generateTestHeaderString({ payload, secret, timestamp: at });
  return {
    method: 'POST',
    connection: 'default',
    headers: { 'stripe-signature': header },
    body: Buffer.from(payload),
    ...rest,
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  return error instanceof AppError ? error.code : 'none';
}

async function countInbound(): Promise<number> {
  const [from, to] = await Promise.all(
    (['earliest', 'latest'] as const).map((at) => bus.positions(['stripe.inbound'], at)),
  );
  return to!.reduce((sum, { offset }, index) => sum + offset - from![index]!.offset, 0);
}

describe('the webhook receiver', () => {
  it('has the very bytes in the log before it answers, keyed by connection and object', async () => {
    const payload =
      '{ "id": "evt_1",  "type": "invoice.paid", "data": { "object": { "id": "in_1", "note": "Zoë ✓" } } }';
    const [latest, records] = [
      await bus.positions(['stripe.inbound'], 'latest'),
      [] as { key: string; value: string; headers: object }[],
    ];
    expect(await receiver()(request(payload))).toEqual({ status: 200, body: { received: true } });
    const onRecord = ({ key, value, headers }: { key: string; value: Uint8Array; headers: object }) =>
      void records.push({ key, value: Buffer.from(value).toString(), headers });
    const tail = await bus.tail({ topics: ['stripe.inbound'], from: latest, onRecord });
    await expect.poll(() => records).toHaveLength(1);
    await tail.close();
    expect(records[0]).toMatchObject({
      key: 'default/in_1',
      value: payload,
      headers: { ce_id: 'evt_1', ce_type: 'invoice.paid', ce_source: '/stripe/default', connection: 'default' },
    });
  });

  it('accepts a signature by a secret that is being rolled out', async () => {
    expect((await receiver()(request('{"id":"evt_2"}', { secret: 'whsec_old' }))).status).toBe(200);
  });

  it.each([
    ['unsigned', { headers: {} }, 'SIGNATURE_INVALID'],
    ['forged', { secret: 'whsec_guess' }, 'SIGNATURE_INVALID'],
    ['stale', { at: NOW / 1_000 - 301 }, 'SIGNATURE_INVALID'],
    ['from the future', { at: NOW / 1_000 + 301 }, 'SIGNATURE_INVALID'],
    ['signed for another connection', { connection: 'globex' }, 'SIGNATURE_INVALID'],
    ['for a connection that does not exist', { connection: 'nobody' }, 'NOT_FOUND'],
    ['by GET', { method: 'GET' }, 'METHOD_NOT_ALLOWED'],
  ])('refuses, and keeps nothing: %s', async (_name, given, code) => {
    const before = await countInbound();
    expect(await codeOf(receiver()(request('{"id":"evt_3"}', given)))).toBe(code);
    expect(await countInbound()).toBe(before);
  });

  it('checks the signature before it reads the body', async () => {
    expect(await codeOf(receiver()(request('{', { secret: 'whsec_guess' })))).toBe('SIGNATURE_INVALID');
  });

  it.each([
    ['no JSON', '{'],
    ['no event', '[1]'],
    ['null', 'null'],
    ['an id that is no text', '{"id":1}'],
    ['an id that would break a header', JSON.stringify({ id: 'evt\r\nx: y' })],
  ])('refuses what is signed but is %s', async (_name, payload) => {
    expect(await codeOf(receiver()(request(payload)))).toBe('BAD_REQUEST');
  });

  it('refuses bytes that are no UTF-8, rightly signed or not', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    expect(await codeOf(receiver()(request('{}', { body })))).toBe('SIGNATURE_INVALID');
  });

  it('answers as ever while the bus is down, and asks to be sent it again when the database is down too', async () => {
    const down = await openTestBus();
    await down.close();
    const store = await openTestStore();
    const receive = receiver({ bus: down, store });
    expect((await receive(request('{"id":"evt_4"}'))).status).toBe(200);
    expect(await store.connection.collection('outbox').countDocuments({ 'headers.ce_id': 'evt_4' })).toBe(1);
    await store.close();
    expect(await codeOf(receive(request('{"id":"evt_5"}')))).toBe('BUS_UNAVAILABLE');
  });

  it.skipIf(!existsSync(VECTORS))('accepts the published vector (skipped without the shared data)', async () => {
    const { body, header, timestamp } = JSON.parse(readFileSync(VECTORS, 'utf8')).stripe;
    const headers = { 'stripe-signature': header['Stripe-Signature'] };
    const clock = createFrozenClock(Number(timestamp) * 1_000);
    expect((await receiver({ clock })(request(body, { headers }))).status).toBe(200);
    expect(await codeOf(receiver({ clock })(request(`${body} `, { headers })))).toBe('SIGNATURE_INVALID');
  });
});
