import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountList } from '../../../subgraphs/crm/account/account-list.ts';
import { createCrm } from '../../../subgraphs/crm/client.ts';
import { contactList } from '../../../subgraphs/crm/contact/contact-list.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
});
afterAll(() => crm.close());

const indexesOf = async (collection: string) =>
  (await crm.store.connection.collection(collection).listIndexes().toArray())
    .filter(({ name }) => name !== '_id_')
    .map(({ key }) => Object.keys(key as object));

describe('every index of a list', () => {
  it.each(['crm_accounts', 'crm_contacts'])('of %s begins with the tenant', async (collection) => {
    const indexes = await indexesOf(collection);
    expect(indexes.length).toBeGreaterThan(5);
    expect(indexes.filter(([first]) => first !== 'tenant')).toEqual([]);
  });

  it.each(['accounts', 'contacts'] as const)(
    'of %s serves a filter or an order, and each of these has one',
    async (list) => {
      const spec = { accounts: accountList, contacts: contactList }[list](createCrm(crm.runtime));
      const indexes = await indexesOf(`crm_${list}`);
      const filters = Object.values(spec.filter).map(({ path }) => path);
      const orders = Object.values(spec.order).map(({ path }) => path);
      for (const path of filters) expect(indexes.map(([, second]) => second)).toContain(path);
      for (const path of orders) expect(indexes).toContainEqual(['tenant', path, '_id']);
    },
  );
});

describe('every store command of the CRM', () => {
  it('names the tenant', async () => {
    const bare: string[] = [];
    const commands: string[] = [];
    crm.store.connection.set('debug', (collection: string, method: string, ...args: unknown[]) => {
      if (!collection.startsWith('crm_')) return;
      commands.push(method);
      if (!JSON.stringify(args[0]).includes('"tenant":"acme'))
        bare.push(`${collection}.${method} ${JSON.stringify(args[0])}`);
    });
    const { data } = await crm.ask(`mutation {
      a: accountCreate(input: { name: "A", idempotencyKey: "k" }) { account { id contacts { totalCount nodes { id } } } }
      b: contactCreate(input: { familyName: "B" }) { contact { id account { id } } } }`);
    const [account, contact] = [data.a.account.id, data.b.contact.id];
    await crm.ask(`mutation {
      accountUpdate(input: { id: "${account}", parentId: "${account}" }) { userErrors { code } }
      contactUpdate(input: { id: "${contact}", accountId: "${account}" }) { contact { account { primaryContact { id } } } }
      contactDelete(input: { id: "${contact}" }) { userErrors { code } } }`);
    await crm.ask(
      `{ accounts { totalCount nodes { id parent { id } } } contacts { nodes { id } } account(id: "${account}") { id } }`,
    );
    await crm.subgraph.exists?.('acme', [account, contact]);
    crm.store.connection.set('debug', false);
    expect(new Set(commands)).toEqual(
      new Set(['insertMany', 'find', 'findOne', 'aggregate', 'updateOne', 'countDocuments']),
    );
    expect(bare).toEqual([]);
  });
});
