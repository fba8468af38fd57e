import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../lib/ids.ts';
import { openSubgraph } from '../../../subgraphs/kit/open-subgraph.ts';
import type { Subgraph } from '../../../subgraphs/kit/subgraph.ts';
import { createNodeService } from '../../../subgraphs/node/index.ts';
import { askSubgraph } from '../crm/open-crm.ts';
import { identityOf } from '../kit/identity.ts';
import { openThings, type Things } from '../kit/open-things.ts';

const mine = newId('acc');
const person = newId('con');
const theirs = newId('acc');
const owned: Record<string, ReadonlySet<string>> = { acme: new Set([mine, person]), globex: new Set([theirs]) };
const asked: (readonly string[])[] = [];

let things: Things;
let node: Subgraph;
beforeAll(async () => {
  things = await openThings();
  const service = createNodeService({
    types: { acc: 'Account', con: 'Contact' },
    exists: async (tenant, ids) => {
      asked.push(ids);
      return new Set(ids.filter((id) => owned[tenant]?.has(id)));
    },
  });
  node = await openSubgraph(service, things.runtime);
});
afterAll(() => things.close());

const ask = (source: string, variables = {}, identity = identityOf('acme', [])) =>
  askSubgraph(node, source, variables, identity);

describe('node', () => {
  it('finds a record of any type by its id alone, without any scope', async () => {
    const { data } = await ask(
      `{ a: node(id: "${mine}") { __typename id } c: node(id: "${person}") { __typename id } }`,
    );
    expect(data).toEqual({ a: { __typename: 'Account', id: mine }, c: { __typename: 'Contact', id: person } });
  });

  it.each([
    ['another tenant’s id', theirs],
    ['an id that never was', newId('acc')],
    ['an unknown prefix', newId('zzz')],
    ['a name of Object.prototype', 'constructor'],
    ['nonsense', '"; drop table'],
    ['a prefix alone', 'acc_'],
    ['nothing', ''],
  ])('answers null to %s', async (_what, id) => {
    expect(await ask('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ data: { node: null } });
  });

  it('refuses whoever has no identity', async () => {
    const { errors } = await askSubgraph(node, `{ node(id: "${mine}") { id } }`, {}, null);
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });
});

describe('nodes', () => {
  it('answer in the order asked, null where there is none, repetitions included', async () => {
    const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [person, theirs, mine, mine],
    });
    expect(data.nodes).toEqual([{ id: person }, null, { id: mine }, { id: mine }]);
  });

  it('ask once for all ids of an operation', async () => {
    asked.length = 0;
    await ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } node(id: "${theirs}") { id } }`, { ids: [person, mine] });
    expect(asked).toHaveLength(1);
  });

  it('take 100 ids at most', async () => {
    const source = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect((await ask(source, { ids: Array(100).fill(mine) })).data.nodes).toHaveLength(100);
    expect((await ask(source, { ids: Array(101).fill(mine) })).errors?.[0]?.extensions?.['code']).toBe(
      'BAD_USER_INPUT',
    );
  });
});
