import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADERS } from '../../../events/bus.ts';
import { newId } from '../../../lib/ids.ts';
import { stripeId } from '../../../subgraphs/stripe/mapping/index.ts';
import { until } from '../../support/until.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const INVOICE =
  'query ($id: ID!) { stripeInvoice(id: $id) { status version account { id } total { amount currency } } }';

async function readInvoice(id: string, connection = 'default', tenant = 'acme') {
  const { data } = await stage.ask(INVOICE, { id: stripeId(connection, id) }, { tenant });
  return data?.['stripeInvoice'] as null | { status: string; version: number; account: { id: string } | null };
}

async function customerOf(accountId: string, name: Parameters<Stage['vendor']>[0] = 'default') {
  const metadata = { tributary_account_id: accountId };
  return stage.vendor(name).customers.create({ name: 'Ann', metadata, payment_method: 'pm_card_visa' });
}

async function openInvoice(customer: string): Promise<Stripe.Invoice & { id: string }> {
  const vendor = stage.vendor();
  const { id } = await vendor.invoices.create({ customer, collection_method: 'send_invoice', days_until_due: 30 });
  await vendor.invoiceItems.create({ customer, invoice: id as string, amount: 1_250, currency: 'usd' });
  return (await vendor.invoices.finalizeInvoice(id as string)) as Stripe.Invoice & { id: string };
}

/** An event about an object, as Stripe would send it. */
function eventOf(type: string, object: object, rest: object = {}) {
  const event = {
    id: `evt_${newId('evt')}`,
    object: 'event',
    type,
    created: Math.floor(Date.now() / 1_000),
    data: { object },
    ...rest,
  };
  return JSON.stringify(event, null, 2);
}

describe('the way of a webhook', () => {
  it('leads from a payment at Stripe into the graph, and out on the topic with what it belongs to', async () => {
    const accountId = newId('acc');
    const customer = await customerOf(accountId);
    const invoice = await openInvoice(customer.id);
    await until('the invoice is open', async () => (await readInvoice(invoice.id))?.status === 'OPEN');
    await stage.vendor().invoices.pay(invoice.id);
    await until('the invoice is paid', async () => (await readInvoice(invoice.id))?.status === 'PAID');
    expect(await readInvoice(invoice.id)).toMatchObject({
      account: { id: accountId },
      total: { amount: '12.50', currency: 'USD' },
    });
    const id = stripeId('default', invoice.id);
    const mine = async () => (await stage.events()).filter(({ subject }) => subject === id);
    await until('paid is told', async () => (await mine()).some(({ type }) => type === 'stripe.invoice.paid'));
    const paid = (await mine()).filter(({ type }) => type === 'stripe.invoice.paid');
    expect(paid).toMatchObject([
      {
        tenant: 'acme',
        cause: 'LIVE',
        source: '/stripe',
        data: {
          __typename: 'StripeInvoice',
          id,
          accountId,
          status: 'paid',
          customerId: stripeId('default', customer.id),
        },
      },
    ]);
    const versions = (await mine()).map(({ data }) => data.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('has one effect however often and at once the same event comes', async () => {
    const customer = await customerOf(newId('acc'));
    const object = { ...(await openInvoice(customer.id)), id: `in_${newId('dup')}` };
    const payload = eventOf('invoice.created', object);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => stage.post(payload)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const told = async () => (await stage.events()).filter(({ subject }) => subject === stripeId('default', object.id));
    await until('it is told', async () => (await told()).length > 0);
    await stage.post(
      eventOf('invoice.voided', { ...object, status: 'void' }, { created: Math.floor(Date.now() / 1_000) + 2 }),
    );
    await until('a later event is told', async () =>
      (await told()).some(({ type }) => type === 'stripe.invoice.voided'),
    );
    expect((await told()).map(({ type }) => type)).toEqual(['stripe.invoice.created', 'stripe.invoice.voided']);
  });

  it('ends in the last state when events come in the wrong order, and still tells what happened', async () => {
    const customer = await customerOf(newId('acc'));
    const open = { ...(await openInvoice(customer.id)), id: `in_${newId('ord')}` };
    const now = Math.floor(Date.now() / 1_000);
    await stage.post(eventOf('invoice.paid', { ...open, status: 'paid' }, { created: now + 3 }));
    await stage.post(eventOf('invoice.finalized', open, { created: now + 2 }));
    await stage.post(eventOf('invoice.created', { ...open, status: 'draft' }, { created: now + 1 }));
    const told = async () => (await stage.events()).filter(({ subject }) => subject === stripeId('default', open.id));
    await until('all three are told', async () => (await told()).length === 3);
    expect(await readInvoice(open.id)).toMatchObject({ status: 'PAID', version: 1 });
    expect((await told()).map(({ type }) => type.split('.').at(-1))).toEqual(['paid', 'finalized', 'created']);
  });

  it('asks Stripe when two events of one second say different things', async () => {
    const customer = await customerOf(newId('acc'));
    const real = await stage.vendor().customers.retrieve(customer.id);
    await until('the customer is here', async () =>
      (await stage.events()).some(({ subject }) => subject === stripeId('default', customer.id)),
    );
    const created = Math.floor(Date.now() / 1_000) + 60;
    await stage.post(eventOf('customer.updated', { ...real, name: 'First' }, { created }));
    await stage.post(eventOf('customer.updated', { ...real, name: 'Second' }, { created }));
    const name = async () =>
      (
        await stage.ask('query ($id: ID!) { stripeCustomer(id: $id) { name version } }', {
          id: stripeId('default', customer.id),
        })
      ).data?.['stripeCustomer'];
    await until('Stripe was asked', async () => ((await name()) as { version: number }).version === 3);
    expect(await name()).toEqual({ name: 'Ann', version: 3 });
  });

  it('brings a customer’s invoices along when it gets another account', async () => {
    const [first, second] = [newId('acc'), newId('acc')];
    const customer = await customerOf(first);
    const invoice = await openInvoice(customer.id);
    await until('it is at the first', async () => (await readInvoice(invoice.id))?.account?.id === first);
    await stage.vendor().customers.update(customer.id, { metadata: { tributary_account_id: second } });
    await until('it is at the second', async () => (await readInvoice(invoice.id))?.account?.id === second);
    const moved = async () =>
      (await stage.events()).filter(({ data }) => data.changed.includes('account') && data['accountId'] === second);
    await until('both are told', async () => (await moved()).length >= 2);
    expect((await moved()).map(({ type }) => type).sort()).toEqual([
      'stripe.customer.updated',
      'stripe.invoice.updated',
    ]);
  });

  it('finds out the account of an invoice whose customer it never heard of', async () => {
    const accountId = newId('acc');
    const customer = await customerOf(accountId);
    const template = await openInvoice(customer.id);
    await stage.store.connection
      .collection('stripe_customers')
      .deleteOne({ _id: stripeId('default', customer.id) as never });
    const id = `in_${newId('unk')}`;
    await stage.post(eventOf('invoice.created', { ...template, id }));
    await until('the invoice is here', async () => (await readInvoice(id)) !== null);
    expect((await readInvoice(id))?.account?.id).toBe(accountId);
  });

  it('takes the tenant from the connection, whatever the payload names', async () => {
    const accountId = newId('acc');
    const customer = await customerOf(accountId, 'globex');
    const [id, globex] = [stripeId('globex', customer.id), { tenant: 'globex' }];
    const find = async (tenant: object) =>
      (await stage.ask('query ($id: ID!) { stripeCustomer(id: $id) { externalId } }', { id }, tenant)).data?.[
        'stripeCustomer'
      ];
    await until('globex has it', async () => (await find(globex)) !== null);
    expect(await find({ tenant: 'acme' })).toBeNull();
    const told = async () => (await stage.events()).filter(({ subject }) => subject === id);
    await until('it is told', async () => (await told()).length > 0);
    expect((await told()).map(({ tenant }) => tenant)).toEqual(['globex']);
  });

  it('keeps a deleted draft out of the graph, and a deleted customer out of billing', async () => {
    const accountId = newId('acc');
    const customer = await customerOf(accountId);
    const draft = await stage.vendor().invoices.create({ customer: customer.id });
    await until('the draft is here', async () => (await readInvoice(draft.id as string)) !== null);
    await stage.vendor().invoices.del(draft.id as string);
    await until('the draft is gone', async () => (await readInvoice(draft.id as string)) === null);
    await stage.vendor().customers.del(customer.id);
    const ask = async () =>
      (
        await stage.ask('query ($id: ID!) { stripeCustomer(id: $id) { deleted } }', {
          id: stripeId('default', customer.id),
        })
      ).data?.['stripeCustomer'];
    await until('the customer is deleted', async () => ((await ask()) as { deleted: boolean }).deleted);
    const { data } = await stage.ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Account { billing { mrr { amount } } } } }',
      { r: [{ __typename: 'Account', id: accountId }] },
    );
    expect(data).toEqual({ _entities: [{ billing: null }] });
  });
});

describe('what cannot be used', () => {
  it.each([
    ['a type nobody handles', eventOf('charge.refunded', { id: 'ch_1', object: 'charge' }), 'EVENT_UNKNOWN'],
    ['a type without a verb of ours', eventOf('invoice.upcoming', { object: 'invoice' }), 'EVENT_UNKNOWN'],
    [
      'an object that cannot be read',
      eventOf('invoice.paid', { id: 'in_1', object: 'invoice', status: 'paid' }),
      'EVENT_INVALID',
    ],
    [
      'a state that does not exist',
      eventOf('customer.created', { id: 'cus_1', object: 'customer', created: 'yesterday' }),
      'EVENT_INVALID',
    ],
    ['no object at all', '{"id":"evt_test_webhook","object":"event"}', 'EVENT_INVALID'],
  ])('is acknowledged, kept whole and dead-lettered with the reason: %s', async (_name, payload, reason) => {
    expect(await stage.post(payload)).toBe(200);
    const find = async () =>
      (await stage.deadLetters()).filter(({ value }) => Buffer.from(value).toString() === payload);
    await until('it is in the dead letters', async () => (await find()).length === 1);
    const [letter] = await find();
    expect(letter?.headers).toMatchObject({
      [DEAD_LETTER_HEADERS.reason]: reason,
      [DEAD_LETTER_HEADERS.attempts]: '1',
      connection: 'default',
    });
  });
});
