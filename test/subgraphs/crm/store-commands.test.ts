import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDemo } from '../../../sandbox/demo/generate-demo.ts';
import { importAccounts } from '../../../subgraphs/crm/import.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

const demo = generateDemo({ seed: 5, now: Date.UTC(2026, 10, 23), tenants: { acme: 60, globex: 5 } });
const own = demo.accounts.filter(({ tenant }) => tenant === 'acme');

let crm: TestCrm;
beforeAll(async () => {
  crm = await openCrm();
  await importAccounts(crm.store, demo.accounts);
});
afterAll(() => crm.close());

const commandsOf = async (source: string, variables: Record<string, unknown> = {}) => {
  const { result, commands } = await crm.countCommands(() => crm.ask(source, variables));
  expect(result.errors).toBeUndefined();
  return { data: result.data, commands };
};

describe('store commands', () => {
  it('are one for each level of a nested list, however many rows there are', async () => {
    const { data, commands } = await commandsOf(`{
      accounts(first: 50) { nodes { name
        parent { name }
        primaryContact { displayName }
        contacts(first: 3) { nodes { displayName reportsTo { displayName account { name } } } } } } }`);
    const rows = data.accounts.nodes;
    expect(rows).toHaveLength(50);
    expect(rows.filter(({ contacts }: { contacts: { nodes: unknown[] } }) => contacts.nodes.length > 0)).toHaveLength(
      50,
    );
    // Level 1 the page; 2 parents, primary contacts and pages of contacts; 3 superiors; 4 their accounts.
    expect(commands.filter((command) => command === 'crm_accounts.find').length).toBeLessThanOrEqual(3);
    expect(commands.length).toBeLessThanOrEqual(6);
  });

  it('are two for a level whose rows are counted as well', async () => {
    const { data, commands } = await commandsOf(
      '{ accounts(first: 50) { totalCount nodes { contacts { totalCount nodes { id } } } } }',
    );
    expect(commands).toHaveLength(4);
    const byId = new Map(own.map((account) => [account.id, account.contacts.length]));
    const counts = data.accounts.nodes.map(({ contacts }: { contacts: { totalCount: number } }) => contacts.totalCount);
    expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBeGreaterThan(50);
    expect(counts.every((count: number) => [...byId.values()].includes(count))).toBe(true);
  });

  it('are one for entities asked by reference, in the order asked', async () => {
    const ids = own.slice(0, 40).map(({ id }) => id);
    const representations = [...ids, 'acc_00000000000000000000000000'].map((id) => ({ __typename: 'Account', id }));
    const { data, commands } = await commandsOf(
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Account { id } } }',
      { representations },
    );
    expect(commands).toEqual(['crm_accounts.find']);
    expect(data._entities).toEqual([...ids.map((id) => ({ id })), null]);
  });

  it('are none for references whose ids are no text', async () => {
    const representations = [{ $ne: '' }, 7, null, ['acc_x'], undefined].map((id) => ({ __typename: 'Account', id }));
    const { data, commands } = await commandsOf(
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Account { id } } }',
      { representations },
    );
    expect([data._entities, commands]).toEqual([Array(5).fill(null), []]);
  });

  it('are one for records asked by id under many aliases', async () => {
    const fields = own.slice(0, 5).map(({ id }, index) => `a${index}: account(id: "${id}") { name }`);
    const { commands } = await commandsOf(`{ ${fields.join(' ')} }`);
    expect(commands).toEqual(['crm_accounts.find']);
  });

  it('give each account its own first contacts in order', async () => {
    const { data } = await commandsOf(
      '{ accounts(first: 60) { nodes { id contacts(first: 2, orderBy: [{ field: CREATED_AT }]) { nodes { id } pageInfo { hasNextPage endCursor } } } } }',
    );
    for (const { id, contacts } of data.accounts.nodes) {
      const people = [...(own.find((account) => account.id === id)?.contacts ?? [])];
      people.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      expect(contacts.nodes).toEqual(people.slice(0, 2).map((person) => ({ id: person.id })));
      expect(contacts.pageInfo.hasNextPage).toBe(people.length > 2);
    }
  });

  it('follow a cursor in the contacts of one account, and refuse it in those of another', async () => {
    const [large, other] = own.filter(({ contacts }) => contacts.length >= 3);
    const source = `query ($id: ID!, $after: String) { account(id: $id) {
      contacts(first: 2, after: $after, orderBy: [{ field: NAME }]) { nodes { id } pageInfo { endCursor } } } }`;
    const first = (await crm.ask(source, { id: large?.id })).data.account.contacts;
    const after = first.pageInfo.endCursor;
    const second = (await crm.ask(source, { id: large?.id, after })).data.account.contacts;
    expect(new Set([...first.nodes, ...second.nodes].map(({ id }: { id: string }) => id)).size).toBeGreaterThan(2);
    const { errors } = await crm.ask(source, { id: other?.id, after });
    expect(errors?.[0]?.extensions?.['code']).toBe('CURSOR_INVALID');
  });

  it('see in one operation what it wrote itself a moment before', async () => {
    const [parent, child] = own;
    const { data } = await commandsOf(`mutation {
      before: accountUpdate(input: { id: "${child?.id}", parentId: "${parent?.id}" }) { account { parent { name } } }
      rename: accountUpdate(input: { id: "${parent?.id}", name: "Renamed" }) { account { name } }
      after: accountUpdate(input: { id: "${child?.id}", legalName: "Child" }) { account { parent { name } } } }`);
    expect([data.before.account.parent.name, data.after.account.parent.name]).toEqual([parent?.name, 'Renamed']);
  });
});
