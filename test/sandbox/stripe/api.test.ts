import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenSandbox, openSandbox } from './open-sandbox.ts';

let opened: OpenSandbox;
let stripe: Stripe;
beforeAll(async () => {
  opened = await openSandbox({}, [{ id: 'b', apiKeys: ['sk_test_b', 'rk_test_b'] }]);
  stripe = opened.stripe;
});
afterAll(() => opened.close());

const customerWith = (payment_method?: string) =>
  stripe.customers.create({ name: 'Ann', ...(payment_method ? { payment_method } : {}) });

async function monthly(unit_amount = 2_000): Promise<Stripe.Price> {
  const product = await stripe.products.create({ name: 'Team' });
  return stripe.prices.create({ product: product.id, currency: 'eur', unit_amount, recurring: { interval: 'month' } });
}

async function draftOf(amount: number, customer: string): Promise<string> {
  const { id } = await stripe.invoices.create({ customer });
  await stripe.invoiceItems.create({ customer, invoice: id as string, amount, currency: 'usd' });
  return id as string;
}

/** What Stripe's package makes of a refusal. */
async function refusal(promise: Promise<unknown>) {
  const error = (await promise.then(
    () => ({}),
    (reason: unknown) => reason,
  )) as { type?: string; code?: string; param?: string; statusCode?: number };
  const { type, code, param, statusCode } = error;
  return { type, code, param, statusCode };
}

/** Types of events since an event, oldest first. */
async function eventsSince(last: string | undefined): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100, ...(last ? { ending_before: last } : {}) });
  return data.map(({ type }) => type).reverse();
}
const lastEvent = async () => (await stripe.events.list({ limit: 1 })).data[0]?.id;

describe('customers', () => {
  it('are created, read, changed and deleted', async () => {
    const { id } = await stripe.customers.create({
      name: 'Ann',
      email: 'ann@example.com',
      metadata: { a: '1', b: '2' },
    });
    const changed = await stripe.customers.update(id, { name: 'Zoë ✓ & Co', metadata: { a: '', c: '3' } });
    expect(changed).toMatchObject({ name: 'Zoë ✓ & Co', email: 'ann@example.com', metadata: { b: '2', c: '3' } });
    expect(await stripe.customers.retrieve(id)).toMatchObject({ id, name: 'Zoë ✓ & Co' });
    expect(await stripe.customers.del(id)).toMatchObject({ id, deleted: true });
    expect(await stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
    expect((await refusal(stripe.customers.update(id, { name: 'x' }))).code).toBe('resource_missing');
  });

  it('take their subscriptions with them', async () => {
    const [price, customer] = [await monthly(), await customerWith('pm_card_visa')];
    const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    await stripe.customers.del(customer.id);
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('canceled');
  });

  it('are found by address, and only in their own account', async () => {
    const { id } = await stripe.customers.create({ email: 'only@example.com' });
    expect((await stripe.customers.list({ email: 'only@example.com' })).data.map((one) => one.id)).toEqual([id]);
    expect((await refusal(opened.as('sk_test_b').customers.retrieve(id))).statusCode).toBe(404);
    expect((await opened.as('rk_test_b').customers.list()).data).toEqual([]);
  });
});

describe('subscriptions', () => {
  it.each([
    ['charged', 'pm_card_visa', {}, 'active', 'paid'],
    ['charged in vain', 'pm_card_chargeDeclined', {}, 'incomplete', 'open'],
    ['with nothing to charge', undefined, {}, 'incomplete', 'open'],
    ['invoiced', undefined, { collection_method: 'send_invoice', days_until_due: 14 }, 'active', 'draft'],
    ['on trial', undefined, { trial_period_days: 7 }, 'trialing', 'paid'],
  ] as const)('begin with an invoice: %s', async (_name, method, given, status, invoiceStatus) => {
    const [price, customer] = [await monthly(), await customerWith(method)];
    const items = [{ price: price.id, quantity: 3 }];
    const begun = await stripe.subscriptions.create({
      customer: customer.id,
      items,
      expand: ['latest_invoice'],
      ...given,
    });
    const invoice = begun.latest_invoice as Stripe.Invoice;
    expect([begun.status, invoice.status]).toEqual([status, invoiceStatus]);
    expect(invoice.total).toBe(status === 'trialing' ? 0 : 6_000);
    expect(invoice.parent?.subscription_details?.subscription).toBe(begun.id);
    const [item] = begun.items.data;
    expect(item?.current_period_end).toBeGreaterThan(item?.current_period_start as number);
  });

  it('are listed without the canceled unless asked for all', async () => {
    const [price, customer] = [await monthly(), await customerWith('pm_card_visa')];
    const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(ending.cancel_at_period_end).toBe(true);
    await stripe.subscriptions.cancel(id);
    expect((await stripe.subscriptions.list({ customer: customer.id })).data).toEqual([]);
    expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toMatchObject([
      { id, status: 'canceled' },
    ]);
  });
});

describe('invoices', () => {
  it('go from draft to open to paid, and tell of each step', async () => {
    const customer = await customerWith('pm_card_visa');
    const last = await lastEvent();
    const id = await draftOf(1_250, customer.id);
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      status: 'draft',
      number: null,
      total: 1_250,
      currency: 'usd',
    });
    const open = await stripe.invoices.finalizeInvoice(id);
    expect(open).toMatchObject({ status: 'open', amount_remaining: 1_250 });
    expect(open.number).toMatch(/^[0-9A-Z]{8}-0001$/);
    expect(await stripe.invoices.pay(id)).toMatchObject({ status: 'paid', amount_paid: 1_250, amount_remaining: 0 });
    const told = await eventsSince(last);
    expect(told.filter((type) => type.startsWith('invoice.') && type !== 'invoice.updated')).toEqual([
      'invoice.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.payment_succeeded',
    ]);
  });

  it('are numbered one after the other, customer by customer', async () => {
    const customer = await customerWith();
    const numbers = [];
    for (const amount of [1, 2])
      numbers.push((await stripe.invoices.finalizeInvoice(await draftOf(amount, customer.id))).number);
    expect(numbers.map((number) => number?.slice(-4))).toEqual(['0001', '0002']);
  });

  it('stay open when the card is declined, which is a fact that is kept and told', async () => {
    const customer = await customerWith('pm_card_chargeDeclined');
    const id = await draftOf(500, customer.id);
    await stripe.invoices.finalizeInvoice(id);
    const last = await lastEvent();
    expect(await refusal(stripe.invoices.pay(id))).toMatchObject({
      type: 'StripeCardError',
      code: 'card_declined',
      statusCode: 402,
    });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempt_count: 1, attempted: true });
    expect(await eventsSince(last)).toContain('invoice.payment_failed');
    expect(await stripe.invoices.pay(id, { paid_out_of_band: true })).toMatchObject({ status: 'paid' });
  });

  it('can be voided or given up while open, and be paid after having been given up', async () => {
    const customer = await customerWith('pm_card_visa');
    const [first, second] = [await draftOf(1, customer.id), await draftOf(2, customer.id)];
    for (const id of [first, second]) await stripe.invoices.finalizeInvoice(id);
    expect((await stripe.invoices.voidInvoice(first)).status).toBe('void');
    expect((await stripe.invoices.markUncollectible(second)).status).toBe('uncollectible');
    expect((await stripe.invoices.pay(second)).status).toBe('paid');
    for (const wrong of [
      stripe.invoices.pay(first),
      stripe.invoices.voidInvoice(second),
      stripe.invoices.finalizeInvoice(second),
    ])
      expect((await refusal(wrong)).statusCode).toBe(400);
  });

  it('can be deleted while they are drafts, and no later', async () => {
    const customer = await customerWith();
    const [draft, open] = [await draftOf(1, customer.id), await draftOf(1, customer.id)];
    await stripe.invoices.finalizeInvoice(open);
    expect(await stripe.invoices.del(draft)).toMatchObject({ deleted: true });
    expect((await refusal(stripe.invoices.retrieve(draft))).code).toBe('resource_missing');
    expect((await refusal(stripe.invoices.del(open))).code).toBe('invoice_not_editable');
  });

  it('gather what is pending when asked to', async () => {
    const customer = await customerWith();
    for (const amount of [100, 250])
      await stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'jpy' });
    const invoice = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' });
    expect(invoice).toMatchObject({ total: 350, currency: 'jpy' });
    expect(
      (await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' })).total,
    ).toBe(0);
  });
});

describe('lists', () => {
  it('are paged both ways, newest first, each object once', async () => {
    const customer = await customerWith();
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.unshift(await draftOf(count, customer.id));
    const seen: string[] = [];
    for await (const invoice of stripe.invoices.list({ customer: customer.id, limit: 3 }))
      seen.push(invoice.id as string);
    expect(seen).toEqual(ids);
    const newer = await stripe.invoices.list({ customer: customer.id, limit: 2, ending_before: ids[4] as string });
    expect(newer.data.map(({ id }) => id)).toEqual([ids[2], ids[3]]);
    const open = await stripe.invoices.list({ customer: customer.id, status: 'open' });
    expect(open).toMatchObject({ data: [], has_more: false });
  });

  it('keep to a span of time and to types', async () => {
    const [event] = (await stripe.events.list({ type: 'customer.created', limit: 1 })).data;
    expect(event?.type).toBe('customer.created');
    const created = event?.created as number;
    expect((await stripe.events.list({ created: { gt: created + 60 } })).data).toEqual([]);
    expect(
      (await stripe.events.list({ types: ['product.created', 'price.created'] })).data.every(({ type }) =>
        /^(product|price)/.test(type),
      ),
    ).toBe(true);
    expect(await stripe.events.retrieve(event?.id as string)).toEqual(event);
  });
});

describe('idempotency keys', () => {
  it('give the first answer again, and do nothing again', async () => {
    const options = { idempotencyKey: 'k-replay' };
    const first = await stripe.customers.create({ name: 'Once' }, options);
    const again = await stripe.customers.create({ name: 'Once' }, options);
    expect(again).toEqual(first);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  it('are refused with other parameters, and belong to one account', async () => {
    const options = { idempotencyKey: 'k-other' };
    const { id } = await stripe.customers.create({ name: 'Once' }, options);
    expect((await refusal(stripe.customers.create({ name: 'Twice' }, options))).type).toBe('StripeIdempotencyError');
    expect((await opened.as('sk_test_b').customers.create({ name: 'Twice' }, options)).id).not.toBe(id);
  });

  it('remember a declined card, and forget a refused parameter', async () => {
    const customer = await customerWith('pm_card_chargeDeclined');
    const id = await draftOf(1, customer.id);
    const options = { idempotencyKey: 'k-declined' };
    for (const _attempt of [1, 2])
      expect((await refusal(stripe.invoices.pay(id, {}, options))).code).toBe('card_declined');
    expect((await stripe.invoices.retrieve(id)).attempt_count).toBe(1);
    expect(
      (await refusal(stripe.customers.create({ balance: 1 } as never, { idempotencyKey: 'k-bad' }))).statusCode,
    ).toBe(400);
    expect(await stripe.customers.create({ name: 'Good' }, { idempotencyKey: 'k-bad' })).toMatchObject({
      name: 'Good',
    });
  });
});

describe('what is refused', () => {
  const invalid = 'StripeInvalidRequestError';

  it.each([
    [
      'an unknown parameter',
      () => stripe.customers.create({ nmae: 'x' } as never),
      { type: invalid, code: 'parameter_unknown', param: 'nmae', statusCode: 400 },
    ],
    [
      'a missing one',
      () => stripe.invoices.create({} as never),
      { type: invalid, code: 'parameter_missing', param: 'customer', statusCode: 400 },
    ],
    [
      'text for a number',
      () => stripe.customers.list({ limit: 'x' } as never),
      { type: invalid, code: 'parameter_invalid_integer', param: 'limit', statusCode: 400 },
    ],
    ['a page of 101', () => stripe.customers.list({ limit: 101 }), { type: invalid, param: 'limit', statusCode: 400 }],
    [
      'an id that is not there',
      () => stripe.invoices.retrieve('in_none'),
      { type: invalid, code: 'resource_missing', param: 'id', statusCode: 404 },
    ],
    [
      'a parameter that names no object',
      () => stripe.invoices.create({ customer: 'cus_none' }),
      { type: invalid, code: 'resource_missing', param: 'customer', statusCode: 400 },
    ],
    [
      'a cursor that names no object',
      () => stripe.customers.list({ starting_after: 'cus_none' }),
      { type: invalid, code: 'resource_missing', param: 'starting_after', statusCode: 400 },
    ],
    [
      'a wrong key',
      () => opened.as('sk_test_wrong').customers.list(),
      { type: 'StripeAuthenticationError', statusCode: 401 },
    ],
    ['a place that is not there', () => stripe.coupons.list(), { type: invalid, statusCode: 404 }],
  ])('%s', async (_name, call, expected) => {
    expect(await refusal(call())).toMatchObject(expected);
  });

  it('leaves nothing behind', async () => {
    const last = await lastEvent();
    const customer = await customerWith();
    await refusal(stripe.subscriptions.create({ customer: customer.id, items: [{ price: 'price_none' }] }));
    await refusal(stripe.invoiceItems.create({ customer: customer.id, invoice: 'in_none', amount: 1 }));
    expect(await eventsSince(last)).toEqual(['customer.created']);
  });
});
