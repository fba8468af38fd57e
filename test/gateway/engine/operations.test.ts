import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeFederation, type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';
import type { TestSubgraph } from '../../support/test-subgraphs.ts';

const subgraphs: readonly TestSubgraph[] = [
  {
    name: 'echo',
    sdl: `type Query { echo(text: String = "none", n: Int, list: [Int!], input: In, on: Boolean): String! me: User self: Query matrix: [[Cell!]!]! }
      input In { a: Int! b: In c: [String] = ["d"] e: E }
      enum E { X Y }
      type Cell @key(fields: "id") { id: ID! }
      type Mutation { add(n: Int!): Added }
      type Added { total: Int! query: Query user: User }
      type User @key(fields: "id") { id: ID! name: String }`,
    resolvers: {
      Query: {
        echo: (_: unknown, args: object) => JSON.stringify(args),
        me: () => ({ id: 'u1', name: 'Ann' }),
        self: () => ({}),
        matrix: () => [[{ id: 'a' }, { id: 'b' }], [], [{ id: 'a' }]],
      },
      Mutation: {
        add: (_: unknown, { n }: { n: number }) => ({ total: n, query: {}, user: { id: 'u1', name: 'Ann' } }),
      },
    },
  },
  {
    name: 'extra',
    sdl: `type Query { extra: Int }
      type Cell @key(fields: "id") { id: ID! value: String! }
      type User @key(fields: "id") { id: ID! age(on: Boolean): Int bio(x: String): String }`,
    resolvers: {
      Query: { extra: () => 5 },
      Cell: { value: ({ id }: { id: string }) => `v${id}` },
      User: { age: () => 30, bio: (_: unknown, { x }: { x?: string }) => x ?? 'bio' },
    },
  },
];
const echo = (args: object) => JSON.stringify(args);

describeFederation('operations', subgraphs, [
  { title: 'fills in an argument default', query: '{ echo }', data: { echo: echo({ text: 'none' }) } },
  {
    title: 'fills in a variable default',
    query: 'query($t: String = "dflt") { echo(text: $t) }',
    data: { echo: echo({ text: 'dflt' }) },
  },
  {
    title: 'lets a given variable win over its default',
    query: 'query($t: String = "dflt") { echo(text: $t) }',
    variables: { t: 'mine' },
    data: { echo: echo({ text: 'mine' }) },
  },
  {
    title: 'passes an explicit null',
    query: 'query($n: Int) { echo(n: $n) }',
    variables: { n: null },
    data: { echo: echo({ text: 'none', n: null }) },
  },
  {
    title: 'passes nothing for an absent variable',
    query: 'query($n: Int) { echo(n: $n) }',
    data: { echo: echo({ text: 'none' }) },
  },
  {
    title: 'coerces a single value to a list',
    query: 'query($l: [Int!]) { echo(list: $l) }',
    variables: { l: 3 },
    data: { echo: echo({ text: 'none', list: [3] }) },
  },
  {
    title: 'passes nested input objects',
    query: 'query($i: In) { echo(input: $i) }',
    variables: { i: { a: 1, b: { a: 2, e: 'Y' } } },
    data: { echo: echo({ text: 'none', input: { a: 1, b: { a: 2, c: ['d'], e: 'Y' }, c: ['d'] } }) },
  },
  {
    title: 'passes literals of every kind',
    query: '{ echo(text: "q\\"\\u00e9", n: -1, list: [1, 2], input: { a: 1, e: X }, on: true) }',
    data: { echo: echo({ text: 'q"é', n: -1, list: [1, 2], input: { a: 1, c: ['d'], e: 'X' }, on: true }) },
  },
  { title: 'skips a field by literal', query: '{ echo @skip(if: true) extra }', data: { extra: 5 }, asked: ['extra'] },
  {
    title: 'includes a root field by variable',
    query: 'query($on: Boolean!) { extra @include(if: $on) me { id } }',
    variables: { on: true },
    data: { extra: 5, me: { id: 'u1' } },
  },
  {
    title: 'asks nobody for a root field left out by variable',
    query: 'query($on: Boolean!) { extra @include(if: $on) me { id } }',
    variables: { on: false },
    data: { me: { id: 'u1' } },
    asked: ['echo'],
  },
  {
    title: 'leaves an entity field out by variable',
    query: 'query($on: Boolean!) { me { id age @skip(if: $on) } }',
    variables: { on: true },
    data: { me: { id: 'u1' } },
    asked: ['echo'],
  },
  {
    title: 'includes a fragment by variable',
    query: 'query($on: Boolean = true) { me { ...F @include(if: $on) id } } fragment F on User { age bio }',
    data: { me: { age: 30, bio: 'bio', id: 'u1' } },
  },
  {
    title: 'combines skip and include',
    query: 'query($a: Boolean!, $b: Boolean!) { me { id age @skip(if: $a) @include(if: $b) } }',
    variables: { a: false, b: true },
    data: { me: { id: 'u1', age: 30 } },
  },
  {
    title: 'uses one variable as condition and as argument',
    query: 'query($on: Boolean!) { echo(on: $on) me { age(on: $on) @include(if: $on) } }',
    variables: { on: true },
    data: { echo: echo({ text: 'none', on: true }), me: { age: 30 } },
  },
  {
    title: 'merges the selections of a repeated field',
    query: '{ me { id } me { age } ...F } fragment F on Query { me { name } }',
    data: { me: { id: 'u1', age: 30, name: 'Ann' } },
  },
  {
    title: 'answers __typename of the root',
    query: '{ __typename t: __typename }',
    data: { __typename: 'Query', t: 'Query' },
    asked: [],
  },
  {
    title: 'answers __typename beside data',
    query: '{ me { __typename id } __typename }',
    data: { me: { __typename: 'User', id: 'u1' }, __typename: 'Query' },
  },
  {
    title: 'keeps the order of the client',
    query: '{ extra me { age id name } echo }',
    data: { extra: 5, me: { age: 30, id: 'u1', name: 'Ann' }, echo: echo({ text: 'none' }) },
  },
  {
    title: 'reads a root field through a field that returns Query',
    query: '{ self { extra me { age } } }',
    data: { self: { extra: 5, me: { age: 30 } } },
  },
  {
    title: 'reads lists of lists of entities',
    query: '{ matrix { value } }',
    data: { matrix: [[{ value: 'va' }, { value: 'vb' }], [], [{ value: 'va' }]] },
    unlikeReference: 'it fails on lists of lists',
  },
  {
    title: 'answers a mutation with entity fields',
    query: 'mutation($n: Int!) { add(n: $n) { total user { age } } }',
    variables: { n: 3 },
    data: { add: { total: 3, user: { age: 30 } } },
  },
  {
    title: 'reads the query root from a mutation payload',
    query: 'mutation { add(n: 1) { query { extra } } }',
    data: { add: { query: { extra: 5 } } },
  },
  {
    title: 'answers @defer at once',
    query: '{ me { id ... @defer { age } } }',
    data: { me: { id: 'u1', age: 30 } },
    unlikeReference: 'it does not know @defer',
  },
  {
    title: 'takes keys of Object.prototype as aliases',
    query: '{ constructor: extra toString: extra hasOwnProperty: extra }',
    data: { constructor: 5, toString: 5, hasOwnProperty: 5 },
  },
]);

describe('an operation', () => {
  let ours: EngineUnderTest;
  beforeAll(async () => {
    ours = await openEngine(subgraphs);
  });
  afterAll(() => ours.engine.close());

  it('is chosen by name', async () => {
    const query = 'query A { extra } query B { me { id } }';
    expect(await ours.run({ query, operationName: 'B' })).toEqual({ data: { me: { id: 'u1' } } });
    expect(await ours.run({ query, operationName: 'A' })).toEqual({ data: { extra: 5 } });
  });

  it('answers an alias __proto__ as an own key, at the root and in entities', async () => {
    const answer = await ours.run({ query: '{ __proto__: extra me { __proto__: age id } }' });
    expect(JSON.stringify(answer)).toBe('{"data":{"__proto__":5,"me":{"__proto__":30,"id":"u1"}}}');
    expect(({} as Record<string, unknown>)['age']).toBeUndefined();
  });

  it('merges objects under an alias __proto__ without touching a prototype', async () => {
    const operation = await ours.engine.prepare({ query: '{ __proto__: me { id age polluted: name } }' }, null);
    const result = await ours.engine.execute(operation, {
      identity: null,
      requestId: 'r',
      signal: new AbortController().signal,
    });
    expect(JSON.stringify(result)).toBe('{"data":{"__proto__":{"id":"u1","age":30,"polluted":"Ann"}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes a variable named __proto__ like any other', async () => {
    const query = 'query($__proto__: Int, $constructor: String = "c") { echo(n: $__proto__, text: $constructor) }';
    const variables = JSON.parse('{"__proto__": 4}');
    const prepared = await ours.engine.prepare({ query, variables }, null);
    expect(JSON.stringify(prepared.variables)).toBe('{"__proto__":4,"constructor":"c"}');
    expect(({} as Record<string, unknown>)['n']).toBeUndefined();
  });

  it('sends each subgraph only the variables it uses', async () => {
    await ours.run({
      query: 'query($t: String, $x: String) { echo(text: $t) me { bio(x: $x) } }',
      variables: { t: 'a', x: 'b' },
    });
    const sent = ours.asked().map(({ subgraph, variables }) => [subgraph, Object.keys(variables).sort()]);
    expect(sent).toEqual([
      ['echo', ['t']],
      ['extra', ['representations', 'x']],
    ]);
  });

  it('asks about each distinct entity once', async () => {
    await ours.run({ query: '{ matrix { value } }' });
    expect(ours.asked().at(-1)?.variables['representations']).toHaveLength(2);
  });

  it('is introspected in full', async () => {
    const { data } = await ours.run({ query: getIntrospectionQuery() });
    const names = (data as { __schema: { types: { name: string }[] } }).__schema.types.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['User', 'In', 'E', 'Added']));
    expect(names.filter((name) => /^_|join__|link__/.test(name.replace(/^__/, '')))).toEqual([]);
    expect(ours.asked()).toEqual([]);
  });

  it('mixes introspection and data, aliases and variables included', async () => {
    const query =
      'query($n: String!) { extra it: __type(name: $n) { name fields { ...F } } } fragment F on __Field { name }';
    expect(await ours.run({ query, variables: { n: 'Cell' } })).toEqual({
      data: { extra: 5, it: { name: 'Cell', fields: [{ name: 'id' }, { name: 'value' }] } },
    });
  });

  it.each(['{ _entities(representations: []) { __typename } }', '{ _service { sdl } }'])(
    'cannot reach %s',
    async (query) => {
      await expect(ours.run({ query })).rejects.toMatchObject({
        status: 400,
        errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      });
    },
  );
});
