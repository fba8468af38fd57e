import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type Arrival, type OpenSandbox, openEndpoint, openSandbox } from './open-sandbox.ts';

const SECRET = 'whsec_sandbox';
const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function open(answer?: (arrival: Arrival, count: number) => number, events?: readonly string[]) {
  const endpoint = await openEndpoint(answer);
  const webhook = { url: endpoint.url, secret: SECRET, ...(events ? { events } : {}) };
  const opened: OpenSandbox = await openSandbox({ webhook });
  closing.push(endpoint, opened);
  return { ...opened, arrivals: endpoint.arrivals };
}

describe('the sandbox’s webhooks', () => {
  it('are signed so that Stripe’s own package accepts them, and tell of each change', async () => {
    const { stripe, arrivals, sandbox } = await open();
    const customer = await stripe.customers.create({ name: 'Zoë ✓', payment_method: 'pm_card_visa' });
    const { id } = await stripe.invoices.create({ customer: customer.id });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: id as string, amount: 700, currency: 'usd' });
    await stripe.invoices.pay(id as string);
    await until('all are acknowledged', () => sandbox.pending() === 0);
    const events = arrivals.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, SECRET));
    const listed = (await stripe.events.list({ limit: 100 })).data.filter(({ type }) =>
      /^(customer|invoice)\./.test(type),
    );
    expect(events.map((event) => event.id).sort()).toEqual(listed.map((event) => event.id).sort());
    const paid = events.find(({ type }) => type === 'invoice.paid');
    expect(paid?.data.object).toMatchObject({ id, status: 'paid', amount_paid: 700 });
    const updated = events.find(({ type }) => type === 'customer.updated');
    expect(updated?.data.previous_attributes).toEqual({ currency: null, next_invoice_sequence: 1 });
  });

  it('name the request and the idempotency key that caused them', async () => {
    const { stripe, arrivals } = await open();
    await stripe.customers.create({ name: 'Ann' }, { idempotencyKey: 'k-cause' });
    await until('one has arrived', () => arrivals.length === 1);
    const { request } = JSON.parse(arrivals[0]?.body ?? '{}');
    expect(request).toMatchObject({ id: expect.stringMatching(/^req_/), idempotency_key: 'k-cause' });
  });

  it('come again until they are acknowledged, signed anew', async () => {
    const { stripe, arrivals, sandbox } = await open((_arrival, count) => (count < 3 ? 503 : 200));
    await stripe.customers.create({ name: 'Ann' });
    await until('it is acknowledged', () => sandbox.pending() === 0);
    expect(new Set(arrivals.map(({ body }) => body)).size).toBe(1);
    expect(arrivals).toHaveLength(3);
    for (const { body, signature } of arrivals)
      expect(() => stripe.webhooks.constructEvent(body, signature, SECRET)).not.toThrow();
  });

  it('come once more when asked to', async () => {
    const { stripe, arrivals, sandbox } = await open();
    await stripe.customers.create({ name: 'Ann' });
    await until('one has arrived', () => arrivals.length === 1);
    const [event] = (await stripe.events.list({ limit: 1 })).data;
    sandbox.redeliver('a', event?.id as string);
    await until('another has arrived', () => arrivals.length === 2);
    expect(arrivals[1]?.body).toBe(arrivals[0]?.body);
    expect(() => sandbox.redeliver('a', 'evt_none')).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('keep to the types that the endpoint takes', async () => {
    const { stripe, arrivals, sandbox } = await open(undefined, ['product.*', 'customer.deleted']);
    const { id } = await stripe.customers.create({ name: 'Ann' });
    await stripe.products.create({ name: 'Team' });
    await stripe.customers.del(id);
    await until('all are acknowledged', () => sandbox.pending() === 0 && arrivals.length === 2);
    expect(arrivals.map(({ body }) => JSON.parse(body).type).sort()).toEqual(['customer.deleted', 'product.created']);
  });
});
