import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../lib/logger.ts';
import { createInboundLog } from '../../../subgraphs/kit/webhook-inbound.ts';
import { stripeId } from '../../../subgraphs/stripe/mapping/index.ts';
import { type FaultyBus, withFaults } from '../../support/faulty-bus.ts';
import { createRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { openStage, type Stage } from './stage.ts';

/** Webhooks while the bus comes and goes, with the real receiver, outbox, relay, consumer and mirror. */
describe('Stripe webhooks during an outage of the bus', () => {
  let stage: Stage;
  let bus: FaultyBus;
  let numbers = 0;

  beforeAll(async () => {
    stage = await openStage({
      webhooks: false,
      wrapBus: (opened) => {
        bus = withFaults(opened);
        return bus;
      },
    });
  });
  afterAll(() => stage.close());
  beforeEach(() => bus.become('none'));

  const invoice = (id: string, status: string) => ({
    id,
    object: 'invoice',
    customer: 'cus_nobody',
    status,
    currency: 'eur',
    total: 1_000,
    amount_due: 1_000,
    amount_paid: status === 'paid' ? 1_000 : 0,
    amount_remaining: status === 'paid' ? 0 : 1_000,
    number: null,
    created: 1_750_000_000,
    lines: { data: [] },
    status_transitions: {},
    metadata: {},
  });
  const event = (type: string, created: number, object: object) => {
    numbers += 1;
    return JSON.stringify({ id: `evt_out_${numbers}`, object: 'event', type, created, data: { object } });
  };
  const rows = () => stage.store.connection.collection<{ externalId: string; status: string }>('stripe_invoices');
  const statusOf = async (id: string) => (await rows().findOne({ externalId: id }))?.status ?? null;
  const waiting = () => stage.store.connection.collection('outbox').countDocuments();
  const told = async (id: string, type: string) =>
    (await stage.events()).filter((one) => one.type === type && one.subject === stripeId('default', id)).length;

  it('are answered 200 and reach the mirror once when it is over, however often they were sent', async () => {
    bus.become('down');
    const payload = event('invoice.paid', 1_750_000_100, invoice('in_once', 'paid'));
    expect([await stage.post(payload), await stage.post(payload), await stage.post(payload)]).toEqual([200, 200, 200]);
    expect(await statusOf('in_once')).toBeNull();
    bus.become('none');
    await until('the mirror has it', async () => (await statusOf('in_once')) === 'paid');
    await until('the outbox is empty', async () => (await waiting()) === 0);
    expect(await told('in_once', 'stripe.invoice.paid')).toBe(1);
    expect(await stage.deadLetters()).toEqual([]);
  });

  it('leave the newer state, though the older one comes last', async () => {
    bus.become('down');
    await stage.post(event('invoice.finalized', 1_750_000_100, invoice('in_late', 'open')));
    bus.become('none');
    // Straight to the log, as a receiver in another process would send it, whose breaker is closed.
    const newer = event('invoice.paid', 1_750_000_200, invoice('in_late', 'paid'));
    await bus.publish('stripe.inbound', [
      { key: 'default/in_late', value: Buffer.from(newer), headers: { connection: 'default', ce_id: 'x' } },
    ]);
    await until('both are told', async () => (await told('in_late', 'stripe.invoice.finalized')) === 1);
    await until('the newer one is there', async () => (await statusOf('in_late')) === 'paid');
    expect(await told('in_late', 'stripe.invoice.paid')).toBe(1);
  });

  it('end in the last state of each object, whichever way each webhook took', async () => {
    const random = createRandom(7);
    const lives = Array.from({ length: 12 }, (_, n) => `in_life_${n}`);
    const receive = (id: string, type: string, created: number, status: string) => {
      bus.become(random() < 0.4 ? 'down' : random() < 0.2 ? 'lost' : 'none', ['stripe.inbound']);
      // A receiver each, whose breaker knows of nothing: so the ways are mixed.
      const inbound = createInboundLog({ bus, outbox: stage.store.outbox, logger: silentLogger });
      const body = Buffer.from(event(type, created, invoice(id, status)));
      const eventId = JSON.parse(body.toString()).id;
      return inbound.append({ vendor: 'stripe', connection: 'default', subject: id, eventId, type, body });
    };
    for (const id of lives) {
      await receive(id, 'invoice.created', 1_750_000_000, 'draft');
      await receive(id, 'invoice.finalized', 1_750_000_001, 'open');
      await receive(id, 'invoice.paid', 1_750_000_002, 'paid');
    }
    bus.become('none');
    const paid = () => rows().countDocuments({ status: 'paid', externalId: { $in: lives } });
    await until('all are paid', async () => (await paid()) === lives.length);
    await until('the outbox is empty', async () => (await waiting()) === 0);
    for (const id of lives) expect([id, await told(id, 'stripe.invoice.paid')]).toEqual([id, 1]);
    expect([await paid(), await stage.deadLetters()]).toEqual([lives.length, []]);
  });
});
