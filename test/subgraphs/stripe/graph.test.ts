import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../lib/ids.ts';
import { type BilledAccount, type StripeObject, seedStripe } from '../../../sandbox/stripe/index.ts';
import { stripeId } from '../../../subgraphs/stripe/mapping/index.ts';
import { importStripeObjects } from '../../../subgraphs/stripe/mirror/import-objects.ts';
import { resync } from '../../../subgraphs/stripe/sync.ts';
import { openStage, type Stage } from './stage.ts';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;
const accounts: BilledAccount[] = Array.from({ length: 40 }, (_, index) => ({
  id: newId('acc', NOW - 400 * DAY + index),
  tenant: 'acme',
  name: `Company ${index}`,
  domain: `company-${index}.example`,
  createdAt: NOW - (index + 1) * 12 * DAY,
  kind: index % 8 === 7 ? 'FORMER_CUSTOMER' : 'CUSTOMER',
}));
const objects = seedStripe(accounts, { seed: 7, now: NOW });
const ofKind = (kind: string) => objects.filter(({ object }) => object === kind);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ seed: { default: objects }, webhooks: false, sync: false });
  await importStripeObjects(stage.store, stage.connection(), objects);
});
afterAll(() => stage.close());

const BILLING = `query ($r: [_Any!]!, $first: Int, $status: [StripeInvoiceStatus!]) {
  _entities(representations: $r) { ... on Account { id billing {
    customer { externalId email }
    mrr { amount currency } outstanding { amount currency }
    subscriptions { nodes { status monthlyAmount { amount currency } items { quantity interval unitAmount { amount } } } }
    invoices(first: $first, status: $status) { totalCount pageInfo { hasNextPage } nodes { externalId status account { id } subscription { status } lines { amount { amount } } } }
  } } }
}`;

type Entity = { id: string; billing: Record<string, never> | null };

async function billing(ids: readonly string[], variables: object = {}, identity: object = {}) {
  const r = ids.map((id) => ({ __typename: 'Account', id }));
  const { data, errors } = await stage.ask(BILLING, { r, ...variables }, identity);
  return { entities: data?.['_entities'] as Entity[], errors };
}

const accountOf = (customer: StripeObject | undefined) =>
  String((customer!['metadata'] as Record<string, string>)['tributary_account_id']);

describe('an account’s billing', () => {
  it('agrees with what Stripe holds, account by account', async () => {
    const customers = ofKind('customer');
    const { entities, errors } = await billing(customers.map(accountOf), { first: 100 });
    expect(errors).toBeUndefined();
    for (const [index, customer] of customers.entries()) {
      const mine = ofKind('invoice').filter((invoice) => invoice['customer'] === customer.id);
      const open = mine.filter(({ status }) => status === 'open');
      const owed = open.reduce((sum, invoice) => sum + Number(invoice['amount_remaining']), 0);
      const found = entities[index]!.billing as unknown as {
        customer: { externalId: string };
        outstanding: { amount: string }[];
        invoices: { totalCount: number; nodes: { externalId: string }[] };
      };
      expect(found.customer.externalId).toBe(customer.id);
      expect(found.invoices.totalCount).toBe(mine.length);
      expect(found.outstanding.map(({ amount }) => amount)).toEqual(owed ? [(owed / 100).toFixed(2)] : []);
      expect(found.invoices.nodes.map(({ externalId }) => externalId)).toEqual(
        [...mine].sort((a, b) => b.created - a.created).map(({ id }) => id),
      );
    }
  });

  it('counts active and past due subscriptions by the month', async () => {
    const { entities } = await billing(ofKind('customer').map(accountOf));
    for (const { billing: one } of entities) {
      const { subscriptions, mrr } = one as unknown as {
        mrr: { amount: string }[];
        subscriptions: {
          nodes: { status: string; items: { quantity: number; interval: string; unitAmount: { amount: string } }[] }[];
        };
      };
      const monthly = subscriptions.nodes
        .filter(({ status }) => ['ACTIVE', 'PAST_DUE'].includes(status))
        .flatMap(({ items }) => items)
        .reduce(
          (sum, { quantity, interval, unitAmount }) =>
            sum + (quantity * Number(unitAmount.amount)) / (interval === 'YEAR' ? 12 : 1),
          0,
        );
      expect(mrr.reduce((sum, { amount }) => sum + Number(amount), 0)).toBeCloseTo(monthly, 1);
    }
  });

  it('is null for an account without a customer, and for another tenant’s, alike', async () => {
    const known = accountOf(ofKind('customer')[0]);
    const unknown = await billing([newId('acc')]);
    const foreign = await billing([known], {}, { tenant: 'globex' });
    expect([unknown.entities[0]?.billing, foreign.entities[0]?.billing]).toEqual([null, null]);
  });

  it('is refused without the scope, which the error names', async () => {
    const { entities, errors } = await billing([accountOf(ofKind('customer')[0])], {}, { scopes: ['customers:read'] });
    expect(entities[0]?.billing).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missingScopes: ['billing:read'] });
  });

  it('shows no e-mail address without pii:read, and all else', async () => {
    const { entities, errors } = await billing([accountOf(ofKind('customer')[0])], {}, { scopes: ['billing:read'] });
    const { customer } = entities[0]!.billing as unknown as { customer: object };
    expect(customer).toMatchObject({ externalId: ofKind('customer')[0]?.id, email: null });
    expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions?.['missingScopes']])).toEqual([
      ['email', ['pii:read']],
    ]);
  });
});

const LIST = `query ($first: Int, $after: String, $status: [StripeInvoiceStatus!], $accountId: ID) {
  stripeInvoices(first: $first, after: $after, status: $status, accountId: $accountId) {
    nodes { id externalId } pageInfo { hasNextPage endCursor } edges { cursor node { id } }
  }
}`;
type List = { nodes: { id: string; externalId: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };

async function list(variables: Record<string, unknown>, identity: object = {}) {
  const { data, errors } = await stage.ask(LIST, variables, identity);
  return { page: data?.['stripeInvoices'] as List, code: errors?.[0]?.extensions?.['code'] };
}

describe('stripeInvoices', () => {
  it('pages through all of the tenant’s invoices, newest first, each once', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { page } = await list({ first: 50, after });
      seen.push(...page.nodes.map(({ externalId }) => externalId));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    const created = new Map(ofKind('invoice').map(({ id, created: at }) => [id, at]));
    const moments = seen.map((id) => created.get(id) as number);
    expect(new Set(seen)).toEqual(new Set(created.keys()));
    expect(seen).toHaveLength(created.size);
    expect(moments).toEqual([...moments].sort((a, b) => b - a));
  });

  it('keeps to the states and the account asked for', async () => {
    const open = ofKind('invoice').filter(({ status }) => status === 'open');
    const { page } = await list({ first: 100, status: ['OPEN'] });
    expect(page.nodes.map(({ externalId }) => externalId).sort()).toEqual(open.map(({ id }) => id).sort());
    const customer = ofKind('customer').at(-1);
    const own = await list({ first: 100, accountId: accountOf(customer) });
    expect(own.page.nodes).toHaveLength(
      ofKind('invoice').filter((invoice) => invoice['customer'] === customer?.id).length,
    );
  });

  it('has nothing for another tenant, and takes its cursors from nobody', async () => {
    expect((await list({}, { tenant: 'globex' })).page.nodes).toEqual([]);
    const { page } = await list({ first: 1 });
    const after = page.pageInfo.endCursor;
    expect((await list({ after, status: ['PAID'] })).code).toBe('CURSOR_INVALID');
    expect((await list({ after }, { tenant: 'globex' })).code).toBe('CURSOR_INVALID');
    expect((await list({ after: 'x' })).code).toBe('CURSOR_INVALID');
  });

  it.each([0, 101, -1])('refuses first: %d', async (first) => {
    expect((await list({ first })).code).toBe('BAD_USER_INPUT');
  });
});

describe('a Stripe object by id', () => {
  const QUERY =
    'query ($id: ID!) { stripeCustomer(id: $id) { id } stripeInvoice(id: $id) { id } stripeSubscription(id: $id) { id } }';
  const nothing = { stripeCustomer: null, stripeInvoice: null, stripeSubscription: null };

  it.each([
    ['another tenant’s', () => stripeId('default', ofKind('invoice')[0]?.id as string), 'globex'],
    ['one that does not exist', () => stripeId('default', 'in_none'), 'acme'],
    ['no id of ours', () => 'in_1', 'acme'],
  ])('is null: %s', async (_name, id, tenant) => {
    expect((await stage.ask(QUERY, { id: id() }, { tenant })).data).toEqual(nothing);
  });

  it('is found in its own tenant', async () => {
    const id = stripeId('default', ofKind('invoice')[0]?.id as string);
    expect((await stage.ask(QUERY, { id })).data).toEqual({ ...nothing, stripeInvoice: { id } });
  });
});

describe('the mirror of demo data', () => {
  it('is complete, may be imported again, and a first resync finds no difference', async () => {
    expect(await importStripeObjects(stage.store, stage.connection(), objects)).toBe(0);
    const mirrored = ['customer', 'subscription', 'invoice'].flatMap(ofKind).length;
    expect(await resync(stage.service, stage.connection())).toEqual({ seen: mirrored, created: 0, updated: 0 });
    expect(await stage.events()).toEqual([]);
  });
});
