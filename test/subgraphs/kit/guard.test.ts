import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardSchema, readFieldRules } from '../../../subgraphs/kit/guard.ts';
import { maskError } from '../../../subgraphs/kit/mask-errors.ts';
import { contextOf, identityOf } from './identity.ts';

const sdl = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@authenticated"])
  interface Node { id: ID! }
  type Query {
    thing: Thing @requiresScopes(scopes: [["thing:read"]])
    open: String
    signedIn: String @authenticated
    either: String @requiresScopes(scopes: [["a", "b"], ["c"]])
  }
  type Mutation { poke: String @requiresScopes(scopes: [["thing:write"]]) }
  type Thing implements Node @key(fields: "id") {
    id: ID!
    name: String! @requiresScopes(scopes: [["thing:read"]])
    secret: String @requiresScopes(scopes: [["thing:read", "pii:read"]])
    others: [Thing!] @requiresScopes(scopes: [["thing:read"]])
  }
`);

function build(calls: string[] = []) {
  const thing = (id: string) => ({
    id,
    name: `thing ${id}`,
    secret: () => {
      calls.push(`secret ${id}`);
      return 'hush';
    },
    others: () => (id === 'x' ? [thing('1'), thing('2')] : []),
  });
  const resolvers = {
    Query: { thing: () => thing('x'), open: () => 'o', signedIn: () => 's', either: () => 'e' },
    Mutation: {
      poke: () => {
        calls.push('poke');
        return 'ouch';
      },
    },
    Node: { __resolveType: () => 'Thing' },
    Thing: { __resolveReference: ({ id }: { id: string }) => thing(id) },
  };
  return guardSchema(buildSubgraphSchema({ typeDefs: sdl, resolvers } as never), sdl);
}

async function run(source: string, scopes: readonly string[], calls: string[] = [], variableValues = {}) {
  const contextValue = contextOf(identityOf('acme', scopes));
  const { data, errors } = await execute({
    schema: build(calls),
    document: parse(source),
    contextValue,
    variableValues,
  });
  const shown = errors?.map((error) => maskError(error).shown);
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    errors: shown?.map(({ path, extensions }) => ({ path, ...extensions })),
  };
}

describe('a guarded schema', () => {
  it('reads the rules off the SDL', () => {
    expect(Object.fromEntries(readFieldRules(build(), sdl))).toEqual({
      'Query.thing': [['thing:read']],
      'Query.signedIn': [[]],
      'Query.either': [['a', 'b'], ['c']],
      'Mutation.poke': [['thing:write']],
      'Thing.name': [['thing:read']],
      'Thing.secret': [['thing:read', 'pii:read']],
      'Thing.others': [['thing:read']],
    });
  });

  it('lets through what the scopes reach', async () => {
    expect(await run('{ thing { name secret others { id name } } open signedIn }', ['thing:read', 'pii:read'])).toEqual(
      {
        data: {
          thing: {
            name: 'thing x',
            secret: 'hush',
            others: [
              { id: '1', name: 'thing 1' },
              { id: '2', name: 'thing 2' },
            ],
          },
          open: 'o',
          signedIn: 's',
        },
        errors: undefined,
      },
    );
  });

  it('answers FORBIDDEN with the missing scope at each denied field, and never calls its resolver', async () => {
    const calls: string[] = [];
    const { data, errors } = await run('{ thing { name secret others { secret } } }', ['thing:read'], calls);
    expect(data.thing).toEqual({ name: 'thing x', secret: null, others: [{ secret: null }, { secret: null }] });
    expect(errors).toEqual([
      { path: ['thing', 'secret'], code: 'FORBIDDEN', missingScopes: ['pii:read'] },
      { path: ['thing', 'others', 0, 'secret'], code: 'FORBIDDEN', missingScopes: ['pii:read'] },
      { path: ['thing', 'others', 1, 'secret'], code: 'FORBIDDEN', missingScopes: ['pii:read'] },
    ]);
    expect(calls).toEqual([]);
  });

  it('does nothing of a denied mutation', async () => {
    const calls: string[] = [];
    expect((await run('mutation { poke }', ['thing:read'], calls)).errors).toEqual([
      { path: ['poke'], code: 'FORBIDDEN', missingScopes: ['thing:write'] },
    ]);
    expect(calls).toEqual([]);
  });

  it.each([
    [['a'], ['b']],
    [['b'], ['a']],
    [[], ['c']],
  ])('with %j names the scopes nearest to enough: %j', async (scopes, missingScopes) => {
    expect((await run('{ either }', scopes)).errors).toEqual([{ path: ['either'], code: 'FORBIDDEN', missingScopes }]);
  });

  it.each([[['a', 'b']], [['c']]])('is content with any alternative: %j', async (scopes) => {
    expect((await run('{ either }', scopes)).data).toEqual({ either: 'e' });
  });

  it('guards entities too, and nulls only the one that is denied', async () => {
    const source = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { id name } } }';
    const r = [{ __typename: 'Thing', id: '7' }];
    expect((await run(source, ['thing:read'], [], { r })).data).toEqual({ _entities: [{ id: '7', name: 'thing 7' }] });
    const denied = await run(source, [], [], { r });
    expect(denied.data).toEqual({ _entities: [null] });
    expect(denied.errors).toEqual([
      { path: ['_entities', 0, 'name'], code: 'FORBIDDEN', missingScopes: ['thing:read'] },
    ]);
  });

  it('keeps no verdict from one operation to the next', async () => {
    const schema = build();
    const ask = async (scopes: string[]) => {
      const contextValue = contextOf(identityOf('acme', scopes));
      return (await execute({ schema, document: parse('{ thing { id } }'), contextValue })).errors?.length ?? 0;
    };
    expect([await ask(['thing:read']), await ask([]), await ask(['thing:read'])]).toEqual([0, 1, 0]);
  });
});
