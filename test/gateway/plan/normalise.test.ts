import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreparedOperation } from '../../../gateway/engine.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';

const subgraphs = [
  {
    name: 'a',
    sdl: `type Query { user(id: ID!): User search(filter: Filter, first: Int! = 3, kind: Kind, ids: [ID!], at: DateTime, big: Long, json: JSON, rate: Float): [User!]! }
      type User @key(fields: "id") { id: ID! name(upper: Boolean = false): String! friends(first: Int): [User!]! }
      input Filter { text: String! limit: Int = 7 kinds: [Kind!] inner: Filter }
      enum Kind { ONE TWO }
      scalar DateTime
      scalar Long
      scalar JSON`,
    resolvers: {
      Query: {
        user: (_: unknown, { id }: { id: string }) => ({ id }),
        search: (_: unknown, args: object) => [{ id: JSON.stringify(args) }],
      },
      User: {
        __resolveReference: (user: object) => user,
        name: ({ id }: { id: string }, { upper }: { upper: boolean }) => (upper ? id.toUpperCase() : id),
        friends: (_: unknown, { first }: { first?: number }) => [{ id: 'f1' }, { id: 'f2' }].slice(0, first),
      },
    },
  },
  {
    name: 'b',
    sdl: `type User @key(fields: "id") { id: ID! posts(first: Int!): [String!]! }`,
    resolvers: {
      User: {
        posts: ({ id }: { id: string }, { first }: { first: number }) =>
          Array.from({ length: first }, (_, index) => `${id}${index}`),
      },
    },
  },
];

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine(subgraphs, { planner: createInProcessPlanner });
});
afterAll(() => ours.engine.close());
const prepare = (query: string, variables: Record<string, unknown> = {}): Promise<PreparedOperation> =>
  ours.engine.prepare({ query, variables }, null);

describe('operations in normal form', () => {
  it.each([
    ['constants', '{ user(id: "1") { posts(first: 2) } }', '{ user(id: "2") { posts(first: 9) } }'],
    [
      'constants of input objects, enums, lists and null',
      '{ search(filter: { text: "a", inner: { text: "b" } }, kind: ONE, ids: ["1"]) { id } }',
      '{ search(filter: { text: "c" }, kind: TWO, ids: null) { id } }',
    ],
    [
      'constants beside variables in one object',
      'query($t: String!) { search(filter: { text: $t, limit: 3 }, ids: ["x", "y"]) { id } }',
      'query($t: String!) { search(filter: { text: $t, limit: 4 }, ids: ["z"]) { id } }',
    ],
    [
      'whether there are fragments',
      '{ user(id: "1") { ...U } } fragment U on User { id ...N } fragment N on User { name }',
      '{ user(id: "1") { id ... on User { name } ... { id } } }',
    ],
    [
      'order of variables',
      'query($b: Int, $a: ID!, $c: ID!) { user(id: $a) { id friends(first: $b) { id } } u: user(id: $c) { id } }',
      'query($c: ID!, $a: ID!, $b: Int) { user(id: $a) { id friends(first: $b) { id } } u: user(id: $c) { id } }',
    ],
    [
      'repetition',
      '{ user(id: "1") { id friends { id } friends { name } id } }',
      '{ user(id: "1") { id friends { id name } } }',
    ],
    ['layout and comments', '{user(id:"1"){id}}', '# one user\n{ user(id: "1") {\n  id,\n } }'],
  ])('share one plan and one shape whatever their %s', async (_, one, other) => {
    const variables = { a: '1', b: 1, c: '2', t: 't' };
    const [first, second] = [await prepare(one, variables), await prepare(other, variables)];
    expect(second.plan).toBe(first.plan);
    expect(second.preparation?.plan).toBe('hit');
    expect((second as { selection?: unknown }).selection).toBe((first as { selection?: unknown }).selection);
  });

  it.each([
    ['names of response keys', '{ user(id: "1") { id } }', '{ u: user(id: "1") { id } }'],
    ['the order of fields', '{ user(id: "1") { id name } }', '{ user(id: "1") { name id } }'],
    [
      'constants of conditions',
      '{ user(id: "1") { id name @skip(if: true) } }',
      '{ user(id: "1") { id name @skip(if: false) } }',
    ],
  ])('do not share %s', async (_, one, other) => {
    expect((await prepare(one)).plan).not.toBe((await prepare(other)).plan);
  });

  it('hits the cache nine times of ten when ten clients write their constants into the document', async () => {
    const kinds: unknown[] = [];
    for (let id = 0; id < 50; id += 1)
      kinds.push((await prepare(`query Many { user(id: "n${id}") { name posts(first: ${id}) } }`)).preparation?.plan);
    expect(kinds.filter((kind) => kind === 'miss')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'hit')).toHaveLength(49);
  });
});

describe('what is hoisted', () => {
  const received = async (query: string, variables: Record<string, unknown> = {}) => {
    const { data } = await ours.run({ query, variables });
    const [user] = (data as { search: { id: string }[] }).search;
    return JSON.parse(user?.id ?? 'null') as unknown;
  };

  it.each([
    ['{ search { id } }', { first: 3 }],
    ['{ search(filter: { text: "a" }) { id } }', { first: 3, filter: { text: 'a', limit: 7 } }],
    [
      '{ search(filter: { text: "a", limit: null, kinds: ONE }, kind: null) { id } }',
      { first: 3, filter: { text: 'a', limit: null, kinds: ['ONE'] }, kind: null },
    ],
    [
      '{ search(ids: [1, "b"], kind: TWO, rate: 2, at: "2020-01-01") { id } }',
      { first: 3, ids: ['1', 'b'], kind: 'TWO', rate: 2, at: '2020-01-01' },
    ],
    ['{ search(ids: "one", rate: 1.5e3) { id } }', { first: 3, ids: ['one'], rate: 1500 }],
    [
      'query($n: Int, $t: String!) { search(filter: { text: $t, inner: { text: "x", limit: $n } }, first: 1) { id } }',
      { first: 1, filter: { text: 'T', limit: 7, inner: { text: 'x', limit: 7 } } },
    ],
  ])('means what it meant: %s', async (query, expected) => {
    expect(await received(query, { t: 'T' })).toEqual(expected);
  });

  it('stays a literal where a variable could not hold it', async () => {
    await ours.run({ query: '{ search(big: 9007199254740993, rate: 1) { id } }' });
    expect(ours.asked()[0]?.text).toContain('big:9007199254740993');
    expect(ours.asked()[0]?.text).not.toContain('rate:1');
    await ours.run({
      query: 'query($d: DateTime) { search(json: { n: 12345678901234567890, at: [$d, 1.10], e: ONE }) { id } }',
      variables: { d: 'now' },
    });
    expect(ours.asked()[0]?.text).toBe(
      'query($d:DateTime){search(json:{n:12345678901234567890 at:[$d 1.10]e:ONE}){id}}',
    );
  });

  it('keeps one response name of two types apart, and one value of one name together', async () => {
    const query =
      '{ user(id: "u1") { name(upper: true) ... @include(if: true) { name(upper: true) friends(first: 1) { name(upper: false) } } posts(first: 1) } }';
    expect(await ours.run({ query })).toEqual({
      data: { user: { name: 'U1', friends: [{ name: 'f1' }], posts: ['u10'] } },
    });
  });

  it('is not to be confused with what clients name', async () => {
    await expect(prepare('query($_c_0: ID!) { user(id: $_c_0) { id } }', { _c_0: 'x' })).rejects.toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    await expect(prepare('{ user(id: "1") { _c_1_name: id } }')).rejects.toMatchObject({ status: 400 });
  });

  it('leaves errors of coercion in the terms of the client', async () => {
    const asked = prepare('query($id: ID!, $n: Int!) { user(id: $id) { posts(first: 3) } search(first: $n) { id } }', {
      id: 'x',
      n: 'many',
    });
    await expect(asked).rejects.toMatchObject({ errors: [{ message: expect.stringContaining('"$n"') }] });
  });
});

describe('the limits before normalising', () => {
  const nest = (levels: number) =>
    Array.from({ length: levels }, (_, i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`).join(' ');

  it('stop fragments that would explode, at once', async () => {
    const start = performance.now();
    const query = `{ user(id: "1") { ...F0 } } ${nest(60)} fragment F60 on User { id }`;
    await expect(prepare(query)).rejects.toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('stop towers of fragments around few fields', async () => {
    const tower = Array.from({ length: 400 }, (_, i) => `fragment F${i} on User { ...F${i + 1} }`).join(' ');
    const wide = Array.from({ length: 20 }, (_, i) => `a${i}: user(id: "1") { ...F0 }`).join(' ');
    const query = `{ ${wide} } ${tower} fragment F400 on User { id }`;
    await expect(prepare(query)).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining('selections'), extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
  });
});
