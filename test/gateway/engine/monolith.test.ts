import fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type EngineUnderTest, openEngine, toJson } from '../../support/federation-cases.ts';

interface Ref {
  readonly __typename: string;
  readonly id: string;
}
const user = (id: string): Ref => ({ __typename: 'User', id });
const item = (id: string): Ref => ({ __typename: id.startsWith('b') ? 'Book' : 'Film', id });
const fail = (message: string): never => {
  throw new Error(message);
};

/** One data set by id, so that a subgraph that knows the key knows the answer, and so does the whole. Some of it is faulty. */
const resolvers = {
  Query: {
    users: () => ['u1', 'u2', 'u3'].map(user),
    user: (_: unknown, { id }: { id: string }) => (/^u[123]$/.test(id) ? user(id) : null),
    items: () => [item('b1'), null, item('f1'), item('b2')],
    hits: () => [user('u1'), item('f1'), item('b1')],
    popular: () => [item('b2'), item('f1')],
    broken: () => fail('broken'),
  },
  User: {
    name: ({ id }: Ref) => (id === 'u3' ? null : `User ${id}`),
    boss: ({ id }: Ref) => (id === 'u1' ? null : user('u1')),
    code: ({ id }: Ref) => (id === 'u2' ? fail('no code') : `code ${id}`),
    items: ({ id }: Ref) => (id === 'u2' ? [] : [item('b1'), item('f1')]),
    best: ({ id }: Ref) => (id === 'u3' ? null : item('b2')),
  },
  Book: {
    title: ({ id }: Ref) => `Book ${id}`,
    pages: (_: unknown, { unit }: { unit?: string }) => (unit === 'sheet' ? 50 : 100),
    author: ({ id }: Ref) => (id === 'b2' ? null : user('u2')),
    stars: ({ id }: Ref) => (id === 'b2' ? fail('no stars') : 5),
    fans: () => [user('u3'), user('u2')],
  },
  Film: { title: () => null, minutes: () => 117, stars: () => 4, cast: () => [[user('u1')], [user('u2'), null]] },
};
type Parts = { readonly [Type in keyof typeof resolvers]?: readonly string[] };
const part = (parts: Parts) =>
  Object.fromEntries(
    Object.entries(parts).map(([type, fields]) => {
      const all = resolvers[type as keyof typeof resolvers] as unknown as Record<string, never>;
      return [type, Object.fromEntries(fields.map((field) => [field, all[field] as never]))];
    }),
  );

const subgraphs = [
  {
    name: 'people',
    sdl: `type Query { users: [User!]! user(id: ID!): User broken: Int }
      type User @key(fields: "id") { id: ID! name: String boss: User }`,
    resolvers: part({ Query: ['users', 'user', 'broken'], User: ['name', 'boss'] }),
  },
  {
    name: 'catalog',
    sdl: `type Query { items: [Item] hits: [Hit!]! }
      interface Item { id: ID! title: String }
      union Hit = User | Book | Film
      type Book implements Item @key(fields: "id") { id: ID! title: String pages(unit: String): Int! author: User }
      type Film implements Item @key(fields: "id") { id: ID! title: String minutes: Int cast: [[User]!]! }
      type User @key(fields: "id") { id: ID! code: String! }`,
    resolvers: part({
      Query: ['items', 'hits'],
      Book: ['title', 'pages', 'author'],
      Film: ['title', 'minutes', 'cast'],
      User: ['code'],
    }),
  },
  {
    name: 'social',
    sdl: `type Query { popular: [Item!] }
      interface Item { id: ID! stars: Int! }
      type Book implements Item @key(fields: "id") { id: ID! stars: Int! fans: [User!] }
      type Film implements Item @key(fields: "id") { id: ID! stars: Int! }
      type User @key(fields: "id") { id: ID! items: [Item!] best: Item }`,
    resolvers: part({ Query: ['popular'], Book: ['stars', 'fans'], Film: ['stars'], User: ['items', 'best'] }),
  },
];
const monolith = buildSchema(`
  type Query { users: [User!]! user(id: ID!): User items: [Item] hits: [Hit!]! popular: [Item!] broken: Int }
  type User { id: ID! name: String boss: User code: String! items: [Item!] best: Item }
  interface Item { id: ID! title: String stars: Int! }
  type Book implements Item { id: ID! title: String stars: Int! pages(unit: String): Int! author: User fans: [User!] }
  type Film implements Item { id: ID! title: String stars: Int! minutes: Int cast: [[User]!]! }
  union Hit = User | Book | Film`);
for (const [name, fields] of Object.entries(resolvers)) {
  const type = monolith.getType(name) as GraphQLObjectType;
  for (const [field, resolve] of Object.entries(fields)) Object.assign(type.getFields()[field] as object, { resolve });
}

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine(subgraphs as never, { limits: { fields: 5_000, planMs: 10_000 } });
});
afterAll(() => ours.engine.close());

/** Random valid operations over the monolith's schema. `pick(n)` gives a number below n. */
function createWriter(pick: (below: number) => number) {
  let aliases = 0;
  const condition = () => ['', '', '', ' @include(if: $on)', ' @skip(if: $on)', ' @skip(if: $off)'][pick(6)] ?? '';
  const argumentsOf = (field: GraphQLField<unknown, unknown>) => {
    if (field.name === 'user') return `(id: "u${pick(5)}")`;
    return field.name === 'pages' && pick(2) ? '(unit: "sheet")' : '';
  };
  const writeField = (type: GraphQLCompositeType, depth: number): string => {
    if (isUnionType(type) || pick(8) === 0) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
    );
    const field = fields[pick(fields.length)];
    if (!field) return '__typename';
    const below = getNamedType(field.type);
    const given = argumentsOf(field);
    aliases += 1;
    const alias = given || pick(4) === 0 ? `x${aliases}: ` : '';
    return `${alias}${field.name}${given}${condition()}${isCompositeType(below) ? writeSet(below, depth - 1) : ''}`;
  };
  const writeFragment = (type: GraphQLCompositeType, depth: number): string => {
    const types = [...monolith.getPossibleTypes(monolith.getType('Hit') as never), monolith.getType('Item')];
    const fitting = types.filter(
      (other) => other === type || (isAbstractType(type) && isObjectType(other) && monolith.isSubType(type, other)),
    );
    const on = fitting[pick(Math.max(fitting.length, 1))] as GraphQLCompositeType | undefined;
    return on ? `... on ${on.name}${condition()} ${writeSet(on, depth)}` : '__typename';
  };
  const writeSet = (type: GraphQLCompositeType, depth: number): string => {
    const parts = Array.from({ length: 1 + pick(4) }, () =>
      isCompositeType(type) && (isAbstractType(type) || pick(5) === 0) && pick(3) && depth > 0
        ? writeFragment(type, depth - 1)
        : writeField(type, depth),
    );
    return `{ ${parts.join(' ')} }`;
  };
  const query = monolith.getQueryType() as GraphQLObjectType;
  return () =>
    `query($on: Boolean = true, $off: Boolean = false) { o: __typename @skip(if: $on) f: __typename @skip(if: $off) ${writeSet(query, 5).slice(1)}`;
}

/** Paths of errors that are not below a null: where a null came up, more than one error may be its cause. */
function visiblePaths({ data, errors }: Answer): string[] {
  const paths = (errors ?? []).map(({ path }) => path ?? []);
  const reaches = (path: readonly (string | number)[]) =>
    path.slice(0, -1).reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], data) != null;
  return [...new Set(paths.filter(reaches).map((path) => path.join('.')))].sort();
}

it('answers random operations as one unsplit graph does, faults included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.boolean(), async (gen, on) => {
      const query = createWriter((below) => gen(fc.nat, below - 1))();
      const document = parse(query);
      fc.pre(validate(monolith, document).length === 0);
      const variables = { on };
      const whole = toJson(await execute({ schema: monolith, document, variableValues: variables })) as Answer;
      const split = await ours.run({ query, variables });
      expect(split.data, query).toEqual(whole.data);
      expect(visiblePaths(split), query).toEqual(visiblePaths(whole));
      expect(split.errors !== undefined, query).toBe(whole.errors !== undefined);
    }),
    { numRuns: 100, endOnFailure: true },
  );
}, 60_000);
