import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscribe } from '../../app/demo/graph-client.ts';
import { createInvoiceWebhooks } from '../support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
let foreign: { account: string; contact: string; customer: string; subscription: string; invoice: string };
/** Ids of the same form that no tenant has. */
const absent = { account: 'acc_01J00000000000000000000000', contact: 'con_01J00000000000000000000000' };

beforeAll(async () => {
  server = await startOwnServer();
  const { data } = await server.ask(
    'admin',
    `{ stripeInvoices(first: 50) { nodes { id customer { id } subscription { id } account { id contacts(first: 1) { nodes { id } } } } } }`,
    {},
    'globex',
  );
  const whole = data.stripeInvoices.nodes.find(
    (node: { subscription: unknown; account: { contacts: { nodes: unknown[] } } | null }) =>
      node.subscription && node.account?.contacts.nodes.length,
  );
  foreign = {
    account: whole.account.id,
    contact: whole.account.contacts.nodes[0].id,
    customer: whole.customer.id,
    subscription: whole.subscription.id,
    invoice: whole.id,
  };
});
afterAll(() => server.close());

describe('an id of another tenant', () => {
  it.each([
    ['account', 'account', 'query ($id: ID!) { found: account(id: $id) { id } }'],
    ['contact', 'contact', 'query ($id: ID!) { found: contact(id: $id) { id } }'],
    ['node (account)', 'account', 'query ($id: ID!) { found: node(id: $id) { id } }'],
    ['node (contact)', 'contact', 'query ($id: ID!) { found: node(id: $id) { id } }'],
    ['stripeCustomer', 'customer', 'query ($id: ID!) { found: stripeCustomer(id: $id) { id } }'],
    ['stripeSubscription', 'subscription', 'query ($id: ID!) { found: stripeSubscription(id: $id) { id } }'],
    ['stripeInvoice', 'invoice', 'query ($id: ID!) { found: stripeInvoice(id: $id) { id } }'],
  ] as const)('answers %s as null without an error, to its own tenant with data', async (_, kind, query) => {
    expect(await server.ask('admin', query, { id: foreign[kind] })).toEqual({ data: { found: null } });
    expect((await server.ask('admin', query, { id: foreign[kind] }, 'globex')).data.found).toEqual({
      id: foreign[kind],
    });
  });

  it('is left out of nodes and lists', async () => {
    const query =
      'query ($ids: [ID!]!, $account: ID) { nodes(ids: $ids) { id } stripeInvoices(accountId: $account) { nodes { id } } }';
    const { data } = await server.ask('admin', query, {
      ids: [foreign.account, foreign.contact],
      account: foreign.account,
    });
    expect(data).toEqual({ nodes: [null, null], stripeInvoices: { nodes: [] } });
  });

  it.each([
    [
      'accountUpdate',
      'account',
      'mutation ($id: ID!) { done: accountUpdate(input: { id: $id, name: "Taken over" }) { account { id } userErrors { code path } } }',
    ],
    [
      'accountDelete',
      'account',
      'mutation ($id: ID!) { done: accountDelete(input: { id: $id }) { account { id } userErrors { code path } } }',
    ],
    [
      'contactUpdate',
      'contact',
      'mutation ($id: ID!) { done: contactUpdate(input: { id: $id, familyName: "Taken" }) { contact { id } userErrors { code path } } }',
    ],
    [
      'contactDelete',
      'contact',
      'mutation ($id: ID!) { done: contactDelete(input: { id: $id }) { contact { id } userErrors { code path } } }',
    ],
    [
      'contactCreate',
      'account',
      'mutation ($id: ID!) { done: contactCreate(input: { familyName: "Spy", accountId: $id }) { contact { id } userErrors { code path } } }',
    ],
  ] as const)('answers %s exactly as an id that no one has', async (_, kind, mutation) => {
    const theirs = await server.ask('admin', mutation, { id: foreign[kind] });
    expect(theirs).toEqual(await server.ask('admin', mutation, { id: absent[kind] }));
    expect(theirs.data.done.userErrors).toHaveLength(1);
  });

  it.each([
    [
      'stripeInvoicePay',
      'invoice',
      'mutation ($id: ID!) { done: stripeInvoicePay(input: { id: $id }) { invoice { id } userErrors { code path } } }',
    ],
  ] as const)('answers %s with a user error and pays nothing', async (_, kind, mutation) => {
    const before = await server.ask(
      'admin',
      'query ($id: ID!) { stripeInvoice(id: $id) { status version } }',
      { id: foreign[kind] },
      'globex',
    );
    const theirs = await server.ask('admin', mutation, { id: foreign[kind] });
    expect(theirs.data.done.userErrors).toHaveLength(1);
    expect(
      await server.ask(
        'admin',
        'query ($id: ID!) { stripeInvoice(id: $id) { status version } }',
        { id: foreign[kind] },
        'globex',
      ),
    ).toEqual(before);
  });

  it('does not let a customer be created for a foreign account', async () => {
    const mutation =
      'mutation ($id: ID!) { done: stripeCustomerCreate(input: { accountId: $id, name: "Spy" }) { customer { id } account { id name } userErrors { code } } }';
    const theirs = await server.ask('admin', mutation, { id: foreign.account });
    expect(theirs).toEqual(await server.ask('admin', mutation, { id: absent.account }));
    expect(theirs.data.done).toEqual({ customer: null, account: null, userErrors: [{ code: 'NOT_FOUND' }] });
  });
});

it('delivers an event to subscribers of its tenant alone', async () => {
  const query = 'subscription { stripeInvoiceChanged { externalId } }';
  const [acme, globex] = await Promise.all(
    ['acme', 'globex'].map(async (tenant) =>
      subscribe({ url: server.url, token: await server.token('sales', tenant), query }),
    ),
  );
  const ofAcme = await createInvoiceWebhooks({ url: server.url, sandboxPort: server.sandboxPort });
  const ofGlobex = await createInvoiceWebhooks({ url: server.url, sandboxPort: server.sandboxPort, account: 'globex' });
  expect(await ofGlobex.post('first')).toBe(200);
  expect(await ofAcme.post('second')).toBe(200);
  expect((await acme!.next())?.data?.data).toEqual({ stripeInvoiceChanged: { externalId: 'in_second' } });
  expect((await globex!.next())?.data?.data).toEqual({ stripeInvoiceChanged: { externalId: 'in_first' } });
  acme!.close();
  globex!.close();
});

it("refuses one tenant's valid signature on the other tenant's webhook", async () => {
  const ofAcme = await createInvoiceWebhooks({ url: server.url, sandboxPort: server.sandboxPort });
  expect(await ofAcme.post('own')).toBe(200);
  expect(await ofAcme.post('strayed', '/webhooks/stripe/globex')).toBe(401);
});
