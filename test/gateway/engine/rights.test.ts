import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import { contextOf, type EngineUnderTest, identityWith, openEngine, toJson } from '../../support/federation-cases.ts';
import type { TestSubgraph } from '../../support/test-subgraphs.ts';

const subgraphs: readonly TestSubgraph[] = [
  {
    name: 'crm',
    sdl: `type Query {
        account(id: ID): Account
        accounts: [Account!] @requiresScopes(scopes: [["customers:read"]])
        either: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
        signedIn: String @authenticated
        strict: String! @requiresScopes(scopes: [["x"]])
        open: String
        nodes: [Node!]!
        things: [Thing]
        vault: Vault
        level: Level
      }
      type Mutation {
        wipe: Boolean @requiresScopes(scopes: [["admin"]])
        rename(name: String): Account
      }
      type Subscription { accountChanged: Account @requiresScopes(scopes: [["customers:read"]]) noted: Account }
      interface Node { id: ID! label: String }
      type Account implements Node @key(fields: "id") {
        id: ID!
        label: String
        email: String @requiresScopes(scopes: [["pii:read"]])
        revenue: Int! @requiresScopes(scopes: [["sales:read"]])
        owner: Person!
        notes(first: Int): [Note!] @requiresScopes(scopes: [["notes:read"]])
      }
      type Person implements Node @key(fields: "id") { id: ID! label: String @requiresScopes(scopes: [["people:read"]]) name: String! @authenticated }
      type Note { text: String }
      type Vault @requiresScopes(scopes: [["vault"]]) { gold: Int }
      type Coin { worth: Int }
      union Thing = Vault | Coin
      enum Level @requiresScopes(scopes: [["levels"]]) { LOW }`,
    resolvers: {
      Query: {
        account: () => ({
          id: 'a1',
          label: 'Acme',
          email: 'a@acme.example',
          revenue: 5,
          owner: { id: 'p1', name: 'Ann', label: 'Ann' },
          notes: [{ text: 'n' }],
        }),
        accounts: () => [{ id: 'a1' }, { id: 'a2' }],
        either: () => 1,
        signedIn: () => 'yes',
        strict: () => 's',
        open: () => 'open',
        nodes: () => [
          { __typename: 'Account', id: 'a1', label: 'Acme' },
          { __typename: 'Person', id: 'p1', label: 'Ann' },
        ],
        things: () => [
          { __typename: 'Vault', gold: 1 },
          { __typename: 'Coin', worth: 2 },
        ],
        vault: () => ({ gold: 1 }),
        level: () => 'LOW',
      },
      Mutation: { wipe: () => true, rename: () => ({ id: 'a1', label: 'new' }) },
    },
  },
  {
    name: 'billing',
    sdl: `type Query { rates: Int }
      type Account @key(fields: "id") { id: ID! balance: Int @requiresScopes(scopes: [["billing:read"]]) plan: String }`,
    resolvers: { Account: { balance: () => 7, plan: () => 'gold' } },
  },
];

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine(subgraphs);
});
afterAll(() => ours.engine.close());

const run = (query: string, ...scopes: string[]) => ours.run({ query }, identityWith(...scopes));
const forbidden = (path: string[], ...missingScopes: string[]) => ({
  path,
  extensions: { code: 'FORBIDDEN', missingScopes },
});

describe('a field beyond the caller’s scopes', () => {
  it('is null with FORBIDDEN and the missing scope; the rest is answered', async () => {
    const { data, errors } = await run('{ account { id email } open }');
    expect(data).toEqual({ account: { id: 'a1', email: null }, open: 'open' });
    expect(errors).toMatchObject([forbidden(['account', 'email'], 'pii:read')]);
  });

  it('is never asked for', async () => {
    await run('{ account { id balance } }');
    expect(ours.asked().map(({ subgraph }) => subgraph)).toEqual(['crm']);
    await run('{ accounts { id } open }');
    expect(ours.asked()[0]?.text).not.toContain('accounts');
  });

  it('is answered to who has the scope', async () => {
    expect(await run('{ account { email balance } }', 'pii:read', 'billing:read')).toEqual({
      data: { account: { email: 'a@acme.example', balance: 7 } },
    });
  });

  it('nulls its parent silently when it may not be null itself', async () => {
    const { data, errors } = await run('{ account { id revenue } open }');
    expect(data).toEqual({ account: null, open: 'open' });
    expect(errors).toMatchObject([forbidden(['account', 'revenue'], 'sales:read')]);
    expect(errors).toHaveLength(1);
  });

  it('nulls everything when no parent may be null', async () => {
    const { data, errors } = await run('{ open strict }');
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
  });

  it.each([
    ['an alias', '{ account { id mail: email } }', ['account', 'mail']],
    ['an alias of another field', '{ account { id label: email } }', ['account', 'label']],
    ['an inline fragment', '{ account { id ... { email } } }', ['account', 'email']],
    [
      'an inline fragment with a type',
      '{ account { id ... on Account { ... on Node { id } email } } }',
      ['account', 'email'],
    ],
    ['a named fragment', '{ account { id ...F } } fragment F on Account { email }', ['account', 'email']],
    [
      'nested fragments',
      '{ account { id ...F } } fragment F on Account { ...G } fragment G on Account { email }',
      ['account', 'email'],
    ],
    ['an interface fragment', '{ nodes { id ... on Account { email } } }', ['nodes', 'email']],
    ['a list', '{ nodes { ... on Account { id email } } }', ['nodes', 'email']],
    ['@include', '{ account { id email @include(if: true) } }', ['account', 'email']],
  ])('cannot be reached through %s', async (_, query, path) => {
    const { data, errors } = await run(query);
    expect(JSON.stringify(data)).not.toContain('acme.example');
    expect(errors).toMatchObject([forbidden(path, 'pii:read')]);
    expect(ours.asked().some(({ text }) => text.includes('email'))).toBe(false);
  });

  it('leaves its object in place when nothing else of it is wanted', async () => {
    expect(await run('{ account { email } }')).toMatchObject({ data: { account: { email: null } } });
  });

  it('is told once for several places of one path, and once for each path', async () => {
    const { errors } = await run('{ account { email ...F } b: account { email } } fragment F on Account { email }');
    expect(errors?.map(({ path }) => path)).toEqual([
      ['account', 'email'],
      ['b', 'email'],
    ]);
  });

  it('is not told when @skip leaves it out', async () => {
    expect(await run('{ account { id email @skip(if: true) } }')).toEqual({ data: { account: { id: 'a1' } } });
  });

  it('takes its selection with it', async () => {
    const { data, errors } = await run('{ account { id notes(first: 1) { text } } }');
    expect(data).toEqual({ account: { id: 'a1', notes: null } });
    expect(errors).toHaveLength(1);
  });
});

describe('a requirement', () => {
  it.each([
    [['a', 'b'], 1],
    [['c'], 1],
    [['a'], null],
    [['b'], null],
    [[], null],
    [['a b'], null],
    [['A', 'B'], null],
  ])('of alternatives: %j gives %j', async (scopes, either) => {
    expect((await run('{ either }', ...scopes)).data).toEqual({ either });
  });

  it('names the scopes of the nearest alternative', async () => {
    expect((await run('{ either }', 'a')).errors).toMatchObject([forbidden(['either'], 'b')]);
  });

  it('of @authenticated is met by any identity and by no anonymous caller', async () => {
    expect((await run('{ signedIn }')).data).toEqual({ signedIn: 'yes' });
    const anonymous = await ours.run({ query: '{ signedIn open }' }, null);
    expect(anonymous).toMatchObject({ data: { signedIn: null, open: 'open' }, errors: [forbidden(['signedIn'])] });
  });

  it('of scopes refuses anonymous callers', async () => {
    expect((await ours.run({ query: '{ account { balance } }' }, null)).data).toEqual({ account: { balance: null } });
  });

  it('through an interface is that of every implementer', async () => {
    const query = '{ nodes { label } }';
    expect((await run(query)).errors).toMatchObject([forbidden(['nodes', 'label'], 'people:read')]);
    expect((await run(query, 'people:read')).data).toEqual({ nodes: [{ label: 'Acme' }, { label: 'Ann' }] });
  });

  it('of one implementer does not bind a fragment on another', async () => {
    const { data } = await run('{ nodes { ... on Account { label } ... on Person { label } } }');
    expect(data).toEqual({ nodes: [{ label: 'Acme' }, { label: null }] });
  });

  it('on a type guards each field that returns it', async () => {
    expect((await run('{ vault { gold } }')).errors).toMatchObject([forbidden(['vault'], 'vault')]);
    expect((await run('{ vault { gold } }', 'vault')).data).toEqual({ vault: { gold: 1 } });
    expect((await run('{ level }')).data).toEqual({ level: null });
  });

  it('on a type hides it inside a union, its name included', async () => {
    const { data, errors } = await run('{ things { __typename ... on Coin { worth } } }');
    expect(data).toEqual({ things: [null, { __typename: 'Coin', worth: 2 }] });
    expect(errors).toMatchObject([
      { path: ['things', 0], extensions: { code: 'FORBIDDEN', missingScopes: ['vault'] } },
    ]);
  });
});

describe('an operation that rights empty', () => {
  it('has no plan and asks nobody', async () => {
    const prepared = await ours.engine.prepare({ query: '{ accounts { id } }' }, identityWith());
    expect(prepared.plan).toBeNull();
    expect(prepared.denied).toMatchObject([forbidden(['accounts'], 'customers:read')]);
    expect(await run('{ accounts { id } }')).toMatchObject({ data: { accounts: null } });
    expect(ours.asked()).toEqual([]);
  });

  it('never sends a denied mutation, and still runs the others', async () => {
    expect(await run('mutation { wipe }')).toMatchObject({
      data: { wipe: null },
      errors: [forbidden(['wipe'], 'admin')],
    });
    expect(ours.asked()).toEqual([]);
    const { data } = await run('mutation { wipe rename(name: "x") { label } }');
    expect(data).toEqual({ wipe: null, rename: { label: 'new' } });
    expect(ours.asked().map(({ text }) => text.includes('wipe'))).toEqual([false]);
  });

  it('denies a subscription before any event', async () => {
    const prepared = await ours.engine.prepare({ query: 'subscription { accountChanged { id } }' }, identityWith());
    expect(prepared).toMatchObject({
      kind: 'subscription',
      plan: null,
      denied: [forbidden(['accountChanged'], 'customers:read')],
    });
  });

  it('prunes the fields of each event', async () => {
    const query = 'subscription { noted { id email } }';
    const prepared = await ours.engine.prepare({ query }, identityWith());
    const result = await ours.engine.executeEvent(
      prepared,
      { __typename: 'Account', id: 'a1', email: 'leak' },
      contextOf(null),
    );
    expect(toJson(result)).toMatchObject({
      data: { noted: { id: 'a1', email: null } },
      errors: [forbidden(['noted', 'email'], 'pii:read')],
    });
  });

  it('gives introspection all the same', async () => {
    expect(await run('{ accounts { id } __schema { queryType { name } } }')).toMatchObject({
      data: { accounts: null, __schema: { queryType: { name: 'Query' } } },
    });
  });
});

describe('plans', () => {
  it('are not shared between callers with other rights', async () => {
    const query = '{ account { id email } }';
    const [granted, denied] = [await run(query, 'pii:read'), await run(query)];
    expect(granted.data).toEqual({ account: { id: 'a1', email: 'a@acme.example' } });
    expect(denied.data).toEqual({ account: { id: 'a1', email: null } });
  });

  it('are shared between callers for whom the same is left', async () => {
    const query = '{ account { id plan } }';
    const first = await ours.engine.prepare({ query }, identityWith('a'));
    const second = await ours.engine.prepare({ query: '{ account { id plan email } }' }, identityWith('b'));
    expect(second.plan).toBe(first.plan);
  });
});

describe('authorization: reject', () => {
  it('refuses the whole operation with 403', async () => {
    const { supergraphSdl: supergraph, transport } = ours.graph;
    const engine = await createEngine({ supergraph, transport, authorization: 'reject' });
    const refused = engine.prepare({ query: '{ open account { id email } }' }, identityWith());
    await expect(refused).rejects.toMatchObject({ status: 403, errors: [forbidden(['account', 'email'], 'pii:read')] });
    await expect(engine.prepare({ query: '{ open }' }, identityWith())).resolves.toMatchObject({ denied: [] });
    await engine.close();
  });
});
