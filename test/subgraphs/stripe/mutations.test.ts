import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../lib/ids.ts';
import { stripeId } from '../../../subgraphs/stripe/mapping/index.ts';
import { resync } from '../../../subgraphs/stripe/sync.ts';
import { until } from '../../support/until.ts';
import { NO_ACCOUNT, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const CREATE = `mutation ($input: StripeCustomerCreateInput!) {
  stripeCustomerCreate(input: $input) { customer { id externalId name email version } account { id billing { customer { externalId } } } userErrors { code path } }
}`;
const PAY =
  'mutation ($input: StripeInvoicePayInput!) { stripeInvoicePay(input: $input) { invoice { status version } userErrors { code path } } }';

type Created = {
  customer: { id: string; externalId: string } | null;
  account: { id: string } | null;
  userErrors: { code: string; path: string[] }[];
};

async function create(input: object, identity: object = {}) {
  const { data, errors } = await stage.ask(CREATE, { input }, identity);
  return { payload: data?.['stripeCustomerCreate'] as Created, errors };
}

const pay = async (input: object, identity: object = {}) =>
  (await stage.ask(PAY, { input }, identity)).data?.['stripeInvoicePay'];
const userError = (code: string, ...path: string[]) => [{ code, path: ['input', ...path] }];

async function openInvoice(paymentMethod?: string) {
  const vendor = stage.vendor();
  const method = paymentMethod ? { payment_method: paymentMethod } : {};
  const { id: customer } = await vendor.customers.create({
    name: 'Ann',
    metadata: { tributary_account_id: newId('acc') },
    ...method,
  });
  const { id } = await vendor.invoices.create({ customer });
  await vendor.invoiceItems.create({ customer, invoice: id as string, amount: 500, currency: 'eur' });
  await vendor.invoices.finalizeInvoice(id as string);
  const key = stripeId('default', id as string);
  const read = async () =>
    (await stage.ask('query ($id: ID!) { stripeInvoice(id: $id) { status version } }', { id: key })).data?.[
      'stripeInvoice'
    ];
  await until('the invoice is open', async () => ((await read()) as { status: string } | null)?.status === 'OPEN');
  return { id: key, externalId: id as string, read: read as () => Promise<{ status: string; version: number }> };
}

describe('stripeCustomerCreate', () => {
  it('creates the customer at Stripe and in the graph, and is told once although the webhook tells it too', async () => {
    const accountId = newId('acc');
    const { payload } = await create({ accountId, name: ' Zoë & Co ', email: 'zoe@example.com' });
    const externalId = payload.customer?.externalId as string;
    expect(payload).toMatchObject({
      customer: { name: 'Zoë & Co', email: 'zoe@example.com', version: 1 },
      account: { id: accountId, billing: { customer: { externalId } } },
      userErrors: [],
    });
    const atStripe = await stage.vendor().customers.retrieve(externalId);
    expect(atStripe).toMatchObject({ name: 'Zoë & Co', metadata: { tributary_account_id: accountId } });
    await until('the webhook is through', async () => stage.sandbox.pending() === 0 && (await isCaughtUp()));
    const told = (await stage.events()).filter(({ subject }) => subject === payload.customer?.id);
    expect(told).toMatchObject([{ type: 'stripe.customer.created', cause: 'LIVE', data: { accountId, version: 1 } }]);
  });

  it('makes one customer of an account, however many ask at once', async () => {
    const accountId = newId('acc');
    const inputs = [{}, {}, { idempotencyKey: newId('key') }].map((more) => ({ accountId, name: 'At once', ...more }));
    const answers = await Promise.all(inputs.map((input) => create(input)));
    const { payload: other } = await create({ accountId, name: 'Other' });
    expect(new Set(answers.map(({ payload }) => payload.customer?.id)).size).toBe(1);
    expect(other).toMatchObject({ customer: null, userErrors: userError('CONFLICT', 'accountId') });
    const all = await stage.vendor().customers.list({ limit: 100 });
    expect(all.data.filter(({ metadata }) => metadata['tributary_account_id'] === accountId)).toHaveLength(1);
  });

  it('does nothing twice under one key, and answers the same', async () => {
    const input = { accountId: newId('acc'), name: 'Once', idempotencyKey: newId('key') };
    const [first, ...others] = await Promise.all([create(input), create(input), create(input)]);
    const again = await create(input);
    expect([...others, again].map(({ payload }) => payload.customer?.id)).toEqual(
      Array(3).fill(first?.payload.customer?.id),
    );
    const all = await stage.vendor().customers.list({ limit: 100 });
    expect(all.data.filter(({ metadata }) => metadata['tributary_account_id'] === input.accountId)).toHaveLength(1);
  });

  it('refuses a key that came with other input', async () => {
    const input = { accountId: newId('acc'), name: 'Once', idempotencyKey: newId('key') };
    await create(input);
    const { payload } = await create({ ...input, name: 'Twice' });
    expect(payload).toEqual({
      customer: null,
      account: null,
      userErrors: userError('IDEMPOTENCY_MISMATCH', 'idempotencyKey'),
    });
  });

  it('refuses a second customer for an account', async () => {
    const accountId = newId('acc');
    await create({ accountId, name: 'First' });
    expect((await create({ accountId, name: 'Second' })).payload.userErrors).toEqual(
      userError('CONFLICT', 'accountId'),
    );
  });

  it.each([
    ['an empty name', { name: ' ' }, 'REQUIRED', 'name'],
    ['a name that is too long', { name: 'x'.repeat(257) }, 'TOO_LONG', 'name'],
    ['control characters', { name: 'a\u0000b' }, 'INVALID', 'name'],
    ['an address that is none', { email: 'ann' }, 'INVALID', 'email'],
    ['an account id that is none', { accountId: 'con_1' }, 'NOT_FOUND', 'accountId'],
    ['an account that does not exist', { accountId: NO_ACCOUNT }, 'NOT_FOUND', 'accountId'],
    ['a key that is too long', { idempotencyKey: 'x'.repeat(129) }, 'INVALID', 'idempotencyKey'],
  ])('refuses %s, and asks Stripe nothing', async (_name, wrong, code, path) => {
    const before = (await stage.vendor().customers.list({ limit: 1 })).data[0]?.id;
    const { payload } = await create({ accountId: newId('acc'), name: 'Ann', ...wrong });
    expect(payload).toMatchObject({ customer: null, userErrors: userError(code, path) });
    expect((await stage.vendor().customers.list({ limit: 1 })).data[0]?.id).toBe(before);
  });

  it('is refused without the scope, and never reaches Stripe', async () => {
    const { payload, errors } = await create({ accountId: newId('acc'), name: 'Ann' }, { scopes: ['billing:read'] });
    expect(payload ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missingScopes: ['billing:write'] });
  });

  it('says so where the tenant has no Stripe', async () => {
    const { payload } = await create({ accountId: newId('acc'), name: 'Ann' }, { tenant: 'nowhere' });
    expect(payload.userErrors).toEqual(userError('NOT_FOUND'));
  });
});

describe('stripeInvoicePay', () => {
  it('pays at Stripe, shows it at once, and is told once', async () => {
    const invoice = await openInvoice('pm_card_visa');
    expect(await pay({ id: invoice.id })).toMatchObject({ invoice: { status: 'PAID' }, userErrors: [] });
    expect((await stage.vendor().invoices.retrieve(invoice.externalId)).status).toBe('paid');
    await until('the webhooks are through', async () => stage.sandbox.pending() === 0 && (await isCaughtUp()));
    const paid = (await stage.events()).filter(
      ({ subject, type }) => subject === invoice.id && type === 'stripe.invoice.paid',
    );
    expect(paid).toHaveLength(1);
    expect(await pay({ id: invoice.id })).toEqual({ invoice: null, userErrors: userError('CONFLICT', 'id') });
  });

  it.each([
    ['a declined card', 'pm_card_chargeDeclined'],
    ['nothing to pay with', undefined],
  ])('says that Stripe refused: %s', async (_name, method) => {
    const invoice = await openInvoice(method);
    expect(await pay({ id: invoice.id })).toEqual({ invoice: null, userErrors: userError('CONFLICT', 'id') });
    expect((await invoice.read()).status).toBe('OPEN');
  });

  it('refuses another tenant’s invoice as it does one that does not exist, and an older version', async () => {
    const invoice = await openInvoice('pm_card_visa');
    const { version } = await invoice.read();
    const missing = { invoice: null, userErrors: userError('NOT_FOUND', 'id') };
    expect(await pay({ id: invoice.id }, { tenant: 'globex' })).toEqual(missing);
    expect(await pay({ id: stripeId('default', 'in_none') })).toEqual(missing);
    expect(await pay({ id: invoice.id, ifVersion: version - 1 })).toEqual({
      invoice: null,
      userErrors: userError('CONFLICT', 'ifVersion'),
    });
    expect(await pay({ id: invoice.id, ifVersion: version })).toMatchObject({ invoice: { status: 'PAID' } });
  });
});

describe('a resync', () => {
  it('takes over what webhooks never told, once', async () => {
    await until('the webhooks are through', async () => stage.sandbox.pending() === 0 && (await isCaughtUp()));
    const customers = stage.store.connection.collection('stripe_customers');
    const [lost, stale] = await customers.find({ tenant: 'acme' }).limit(2).toArray();
    await customers.deleteOne({ _id: lost!._id });
    await customers.updateOne({ _id: stale!._id }, { $set: { name: 'Stale', asOf: 0 } });
    expect(await resync(stage.service, stage.connection())).toMatchObject({ created: 1, updated: 1 });
    expect(await resync(stage.service, stage.connection())).toMatchObject({ created: 0, updated: 0 });
    await until(
      'both are told',
      async () => (await stage.events()).filter(({ cause }) => cause === 'BACKFILL').length === 2,
    );
  });
});

async function isCaughtUp(): Promise<boolean> {
  const lags = await stage.bus.lag('stripe.sync', ['stripe.inbound']);
  const waiting = await stage.store.connection.collection('outbox').countDocuments();
  return lags.every(({ behind }) => behind === 0) && waiting === 0;
}
