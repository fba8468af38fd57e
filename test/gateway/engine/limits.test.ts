import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationRejected } from '../../../gateway/engine.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'users',
      sdl: `type Query { hello: String me: User node(id: ID): User users(first: Int = 5, level: Level, where: Where): [User!] }
        type User @key(fields: "id") { id: ID! name: String friends: [User!] }
        enum Level { LOW HIGH }
        input Where { name: String and: [Where!] }`,
      resolvers: { Query: { hello: () => 'hi', me: () => ({ id: '1', name: 'Ann', friends: [] }) } },
    },
    { name: 'more', sdl: 'type User @key(fields: "id") { id: ID! age: Int } type Query { more: Int }' },
  ]);
});
afterAll(() => ours.engine.close());

const ALL = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');
const nested = (levels: number) => `{me${'{friends'.repeat(levels)}{id}${'}'.repeat(levels)}}`;
const bomb = (levels: number) =>
  `{me{...F0}} ${times(levels, (i) => `fragment F${i} on User{a:friends{...F${i + 1}} b:friends{...F${i + 1}}}`)} fragment F${levels} on User{id}`;
const doubled = (levels: number) =>
  `{me{...F0}} ${times(levels, (i) => `fragment F${i} on User{...F${i + 1} ...F${i + 1}}`)} fragment F${levels} on User{id}`;

async function refusal(query: string, variables: Record<string, unknown> = {}): Promise<OperationRejected> {
  return ours.engine.prepare({ query, variables }, null).then(
    () => {
      throw new Error('It was accepted.');
    },
    (error: OperationRejected) => error,
  );
}

describe('an operation over a limit', () => {
  it.each([
    ['101 aliases', `{${times(101, (i) => `a${i}:hello`)}}`],
    ['101 aliases of __typename', `{${times(101, (i) => `a${i}:__typename`)}}`],
    [
      'aliases split over fragments',
      `{...A ...B} fragment A on Query{${times(60, (i) => `a${i}:hello`)}} fragment B on Query{${times(60, (i) => `b${i}:hello`)}}`,
    ],
    ['1,000 times one field', `{${times(1_000, () => 'hello')}}`],
    ['50 levels', nested(50)],
    ['4,000 levels', nested(4_000)],
    [
      '13 levels by a fragment used deep after shallow',
      '{me{...T friends{friends{friends{friends{friends{friends{friends{...T}}}}}}}}} fragment T on User{friends{friends{friends{friends{name}}}}}',
    ],
    ['depth behind names like __schema', `query __schema{...__schema} fragment __schema on Query${nested(20)}`],
    ['3,000 nested list literals', `{node(id:${'['.repeat(3_000)}${']'.repeat(3_000)}){id}}`],
    ['20,000 tokens', `{hello(${'a:1,'.repeat(8_000)})}`],
    ['a document of 200 kB', `{hello}#${'x'.repeat(200_000)}`],
    ['a name of 10,000 characters', `query ${'a'.repeat(10_000)}{hello}`],
    ['1,000 operations', times(1_000, (i) => `query q${i}{hello}`)],
    ['8 doubling fragments', bomb(8)],
    ['deep introspection', '{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}'],
    [
      'the schema told of many times over',
      `{${times(20, (i) => `a${i}:__schema{types{fields{type{fields{type{name}}}}}}`)}}`,
    ],
    [
      'the members of each type told of many times over, in a fragment',
      `{__schema{types{...F}}} fragment F on __Type{${times(20, (i) => `a${i}:fields{type{fields{type{name}}}}`)}}`,
    ],
    [
      '90 types told of at length',
      `{${times(90, (i) => `a${i}:__type(name:"User"){fields{type{fields{args{name}}}}}`)}}`,
    ],
    ['12 doubling fragments', bomb(12)],
    ['20 doubling fragments', bomb(20)],
    ['30 doubling fragments', bomb(30)],
    ['30 doubling spreads', doubled(30)],
    ['200 doubling spreads', doubled(200)],
  ])('is refused at once with one short error: %s', async (_, query) => {
    const started = performance.now();
    const { errors, status } = await refusal(query);
    expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['LIMIT_EXCEEDED']);
    expect(status).toBe(400);
    expect(JSON.stringify(errors).length).toBeLessThan(2_000);
    expect(JSON.stringify(errors)).not.toMatch(/call stack|at .*\.ts/);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('does not disturb the next one', async () => {
    expect(await ours.run({ query: '{ me { name } }' })).toEqual({ data: { me: { name: 'Ann' } } });
  });
});

describe('an operation at a limit', () => {
  it.each([
    ['100 aliases', `{${times(100, (i) => `a${i}:hello`)}}`],
    ['12 levels', nested(10)],
    ['introspection', getIntrospectionQuery()],
    ['all of introspection', getIntrospectionQuery(ALL)],
    ['8 doubling spreads of one field', doubled(8)],
    ['brackets inside strings and comments', `{node(id:"${'['.repeat(900)}"){id} ${'#{{{{\n'.repeat(300)}}`],
    ['brackets inside a block string', `{node(id:"""${'{'.repeat(900)} \\""" """){id}}`],
  ])('is accepted: %s', async (_, query) => {
    await expect(ours.engine.prepare({ query }, null)).resolves.toMatchObject({ kind: 'query' });
  });
});

describe('a document that is not valid', () => {
  it.each([
    ['not GraphQL', '{', 'GRAPHQL_PARSE_FAILED'],
    ['a NUL byte', '{hel\u0000lo}', 'GRAPHQL_PARSE_FAILED'],
    ['empty', '', 'GRAPHQL_PARSE_FAILED'],
    ['10 unknown directives', '{hello @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa}', 'GRAPHQL_VALIDATION_FAILED'],
    ['60 times @include', `{hello ${'@include(if:true)'.repeat(60)}}`, 'GRAPHQL_VALIDATION_FAILED'],
    ['200 unknown fields', `{${times(200, (i) => `x${i}`)}}`, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a circle of fragments',
      'query{...A} fragment A on Query{...B} fragment B on Query{...A}',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a fragment in itself', '{...A} fragment A on Query{hello ...A}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown fragment', '{...A}', 'GRAPHQL_VALIDATION_FAILED'],
    ['a typing error', '{helo}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', '{node(idd:1){id}}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown type', 'query($x:Sting){hello}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown enum value', '{users(level:LO){id}}', 'GRAPHQL_VALIDATION_FAILED'],
    ['the alias __typename', '{me{__typename:name}}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an alias of ours', '{me{__c_id:name}}', 'GRAPHQL_VALIDATION_FAILED'],
    ['no operation', 'fragment A on Query{hello}', 'GRAPHQL_VALIDATION_FAILED'],
    ['a definition of a type', 'type A{b:Int} {hello}', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations and no name', 'query A{hello} query B{hello}', 'OPERATION_RESOLUTION_FAILURE'],
  ])('is told in one error without suggestions: %s', async (_, query, code) => {
    const { errors, status } = await refusal(query);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions?.['code']).toBe(code);
    expect(status).toBe(400);
    expect(JSON.stringify(errors)).not.toMatch(/Did you mean|call stack/);
    expect(JSON.stringify(errors)).not.toContain('\\"hello\\"');
  });

  it('says that there are other errors, and where the first is', async () => {
    const { errors } = await refusal('{\n  x1 x2 }');
    expect(errors[0]?.message).toMatch(/\(and others\)$/);
    expect(errors[0]?.locations).toEqual([{ line: 2, column: 3 }]);
  });

  it('says that no operation has the name asked for', async () => {
    const refused = ours.engine.prepare({ query: 'query A{hello}', operationName: 'B' }, null);
    await expect(refused).rejects.toMatchObject({ errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }] });
  });
});

describe('variables that do not fit', () => {
  const users =
    'query($first: Int!, $level: Level, $where: Where) { users(first: $first, level: $level, where: $where) { id } }';
  it.each([
    ['absent', {}],
    ['null', { first: null }],
    ['a text for a number', { first: 'many' }],
    ['a number out of range', { first: 2 ** 40 }],
    ['an unknown enum value', { first: 1, level: 'LO' }],
    ['an unknown input field', { first: 1, where: { nam: 'x' } }],
    ['a text for an object', { first: 1, where: 'x' }],
  ])('are told as BAD_USER_INPUT: %s', async (_, variables) => {
    const { errors, status } = await refusal(users, variables);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    expect(status).toBe(400);
    expect(errors[0]?.message).not.toContain('Did you mean');
  });

  it('are refused when they nest deeper than the stack', async () => {
    const where: Record<string, unknown> = {};
    let inner = where;
    for (let level = 0; level < 50_000; level += 1) {
      const next: Record<string, unknown> = {};
      inner['and'] = [next];
      inner = next;
    }
    expect((await refusal(users, { first: 1, where })).errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });

  it('are dropped when the operation does not declare them', async () => {
    const variables = JSON.parse('{"__proto__":{"polluted":1},"other":2}');
    const prepared = await ours.engine.prepare({ query: '{ hello }', variables }, null);
    expect(Object.keys(prepared.variables)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
