import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../events/bus.ts';
import type { TributaryEvent } from '../../events/event.ts';
import { publishEvents } from '../../events/publish.ts';
import { openTestBus } from '../support/test-bus.ts';

const paid: TributaryEvent = {
  id: 'evt_1',
  source: '/stripe',
  type: 'stripe.invoice.paid',
  subject: 'in_1',
  time: '2026-01-02T03:04:05Z',
  tenant: 'acme',
  cause: 'LIVE',
  data: {
    __typename: 'StripeInvoice',
    id: 'in_1',
    type: 'stripe.invoice.paid',
    version: 1,
    changed: ['status'],
    accountId: null,
    customerId: 'cus_1',
    status: 'paid',
  },
};
const withData = (data: Record<string, unknown>): TributaryEvent => ({ ...paid, data: { ...paid.data, ...data } });

describe('publishing events', () => {
  let bus: Bus;

  beforeAll(async () => {
    bus = await openTestBus();
  });
  afterAll(() => bus.close());

  it('takes what the catalog has', async () => {
    const places = await publishEvents(bus, 'stripe.invoice', [paid, withData({ version: 2 })]);
    expect(places.map(({ topic }) => topic)).toEqual(['stripe.invoice', 'stripe.invoice']);
  });

  it.each<[string, string, TributaryEvent, Record<string, unknown>]>([
    ['an unknown topic', 'stripe.refund', paid, { topic: 'stripe.refund' }],
    ['a name every object has', 'constructor', paid, { topic: 'constructor' }],
    ['an unknown type', 'stripe.invoice', { ...paid, type: 'stripe.invoice.eaten' }, { field: 'type' }],
    ['a type of another topic', 'crm.account', paid, { field: 'type' }],
    ['an event on a raw topic', 'stripe.inbound', paid, { field: 'type' }],
    ['a missing fact', 'stripe.invoice', withData({ customerId: undefined }), { field: 'data.customerId' }],
    ['a fact of the wrong type', 'stripe.invoice', withData({ status: 3 }), { field: 'data.status' }],
    ['a field the catalog does not have', 'stripe.invoice', withData({ email: 'a@b.c' }), { field: 'data.email' }],
    ['another type in the data', 'stripe.invoice', withData({ type: 'stripe.invoice.voided' }), { field: 'data.type' }],
    ['a subject that is not the entity', 'stripe.invoice', { ...paid, subject: 'in_2' }, { field: 'subject' }],
    ['a malformed attribute', 'stripe.invoice', { ...paid, time: 'noon' }, { field: 'time' }],
  ])('refuses %s, and all that came with it', async (_, topic, event, facts) => {
    const ends = await bus.positions(['stripe.invoice'], 'latest');
    const attempt = publishEvents(bus, topic, [paid, event]);
    await expect(attempt).rejects.toMatchObject({ code: 'EVENT_INVALID', extensions: facts });
    expect(await bus.positions(['stripe.invoice'], 'latest')).toEqual(ends);
  });
});
