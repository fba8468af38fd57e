import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../../events/bus.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type Relay, startRelay } from '../../../store/relay.ts';
import type { Store } from '../../../store/store.ts';
import { createInboundLog, type InboundWebhook } from '../../../subgraphs/kit/webhook-inbound.ts';
import { type FaultyBus, readTopic, withFaults } from '../../support/faulty-bus.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { openTestStore } from '../../support/test-store.ts';
import { until } from '../../support/until.ts';

const TOPIC = 'stripe.inbound';
const webhook = (eventId: string, given: Partial<InboundWebhook> = {}): InboundWebhook => ({
  vendor: 'stripe',
  connection: 'default',
  subject: 'in_1',
  eventId,
  type: 'invoice.paid',
  body: Buffer.from(`{ "id": "${eventId}",\n "note": "Zoë" }`),
  ...given,
});

describe('the inbound log', () => {
  let store: Store;
  let bus: FaultyBus;
  let relay: Relay | undefined;
  let steady: ReturnType<typeof createFrozenClock>;
  const open = (given: { bus?: Bus; store?: Store } = {}) =>
    createInboundLog({
      bus: given.bus ?? bus,
      outbox: (given.store ?? store).outbox,
      logger: silentLogger,
      steady,
      limits: { busMs: 150, restMs: 5_000, storeMs: 1_000 },
    });
  const waiting = () => store.connection.collection('outbox').countDocuments();
  const logged = async () => (await readTopic(bus, TOPIC)).map(({ headers }) => headers['ce_id']);

  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    await store.connection.collection('outbox').deleteMany({});
    bus = withFaults(await openTestBus());
    steady = createFrozenClock(0);
  });
  afterEach(async () => {
    await relay?.close();
    relay = undefined;
    await bus.close();
  });

  it('has a webhook on the bus before it answers, and the outbox sees nothing of it', async () => {
    await open().append(webhook('evt_1'));
    expect([await logged(), await waiting()]).toEqual([['evt_1'], 0]);
  });

  it('keeps webhooks while the bus is down, and the relay brings the same records when it is back', async () => {
    const direct = open();
    await direct.append(webhook('evt_1'));
    const [witness] = await readTopic(bus, TOPIC);
    bus.become('down');
    const kept = Array.from({ length: 30 }, (_, index) => `evt_down_${index}`);
    for (const id of kept) await direct.append(webhook(id));
    expect([await logged(), await waiting()]).toEqual([['evt_1'], 30]);
    relay = await startRelay({ connection: store.connection, bus, pollMs: 20 });
    bus.become('none');
    await until('the outbox is empty', async () => (await waiting()) === 0);
    expect(await logged()).toEqual(['evt_1', ...kept]);
    const [, second] = await readTopic(bus, TOPIC);
    expect(second).toMatchObject({ key: witness?.key, partition: witness?.partition });
    expect(second?.headers).toEqual({ ...witness?.headers, ce_id: 'evt_down_0' });
    expect(Buffer.from(second?.value ?? []).toString()).toBe('{ "id": "evt_down_0",\n "note": "Zoë" }');
  });

  it('keeps webhooks for a topic that the broker has lost', async () => {
    bus.become('missing');
    await open().append(webhook('evt_1'));
    expect([await logged(), await waiting()]).toEqual([[], 1]);
  });

  it('waits for a bus that hangs once, then asks it no more for some seconds', async () => {
    const inbound = open();
    bus.become('hangs');
    const before = performance.now();
    await inbound.append(webhook('evt_1'));
    expect(performance.now() - before).toBeGreaterThanOrEqual(145);
    for (let index = 2; index <= 10; index += 1) await inbound.append(webhook(`evt_${index}`));
    expect([bus.tries(), await waiting()]).toEqual([1, 10]);
  });

  it('sends one webhook ahead to see whether the bus is back, however many come', async () => {
    const inbound = open();
    const burst = (name: string) =>
      Promise.all(Array.from({ length: 12 }, (_, index) => inbound.append(webhook(`${name}_${index}`))));
    bus.become('hangs');
    await inbound.append(webhook('evt_1'));
    steady.advance(4_999);
    await burst('early');
    expect(bus.tries()).toBe(1);
    steady.advance(1);
    await burst('probing');
    expect(bus.tries()).toBe(2);
    steady.advance(5_000);
    bus.become('none');
    await inbound.append(webhook('evt_probe'));
    await burst('direct');
    expect([bus.tries(), (await logged()).length, await waiting()]).toEqual([3 + 12, 13, 1 + 12 + 12]);
  });

  it('keeps a webhook twice rather than not at all, when the acknowledgement is lost', async () => {
    bus.become('lost');
    await open().append(webhook('evt_1'));
    expect([await logged(), await waiting()]).toEqual([['evt_1'], 1]);
  });

  it('asks to be sent it again when bus and database are down', async () => {
    const gone = await openTestStore();
    await gone.close();
    bus.become('down');
    await expect(open({ store: gone }).append(webhook('evt_1'))).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
      status: 503,
    });
  });

  it.each([
    ['what no bus will take', { body: Buffer.alloc(1_000_001) }, 'PAYLOAD_TOO_LARGE'],
    ['a vendor without a topic', { vendor: 'nobody' }, 'BUS_UNAVAILABLE'],
  ])('refuses %s, and does not take it for an outage', async (_, given, code) => {
    const inbound = open();
    await expect(inbound.append(webhook('evt_1', given))).rejects.toMatchObject({ code });
    await inbound.append(webhook('evt_2'));
    expect([await logged(), await waiting()]).toEqual([['evt_2'], 0]);
  });

  it('refuses what no bus will take during an outage too', async () => {
    bus.become('down');
    const large = open().append(webhook('evt_1', { body: Buffer.alloc(1_000_001) }));
    await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await waiting()).toBe(0);
  });
});
