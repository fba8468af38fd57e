import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationRejected } from '../../../gateway/engine.ts';
import type { Identity } from '../../../lib/identity.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

/** What is hidden here is needed by something that is not: an argument, an input field. */
const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@tag", "@requiresScopes"])
  type Account {
    id: ID! state: State rank(by: Secret!): Int lookup(by: Secret = ALPHA, where: Where): Int
    mode(state: State = FROZEN): String pick(in: Pick = { a: 1, hidden: 2 }): Int
  }
  type Vault @requiresScopes(scopes: [["vault"]]) { id: ID! code: String }
  union Hit = Account | Vault
  enum State { OPEN FROZEN @tag(name: "internal") }
  enum Secret @requiresScopes(scopes: [["secret"]]) { ALPHA BETA }
  input Where { note: String by: Secret }
  input Pick { a: Int hidden: Int @tag(name: "internal") }
  input Must { note: String by: Secret! }
  type Query { account: Account hits: [Hit] must(in: Must): Int mustAll(in: [Must!]!): Int }`;

const ACCOUNT = { __typename: 'Account', id: 'a1', state: 'FROZEN', rank: 1, lookup: 2, mode: 'x', pick: 3 };
const RESOLVERS = {
  Query: {
    account: () => ACCOUNT,
    hits: () => [ACCOUNT, { __typename: 'Vault', id: 'v1', code: 'x' }],
    must: () => 1,
    mustAll: () => 1,
  },
};

const PARTNER = { name: 'partner', roles: ['partner'], exclude: ['internal'] };
const partner: Identity = {
  subject: 's',
  tenant: 't',
  roles: ['partner'],
  scopes: [],
  expiresAt: Number.MAX_SAFE_INTEGER,
  tokenId: null,
};
const staff: Identity = { ...partner, roles: ['staff'], scopes: ['secret', 'vault'] };
const HIDDEN = /Secret|ALPHA|BETA|Vault|FROZEN|hidden|rank|mustAll|Must/;

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine([{ name: 'crm', sdl: SDL, resolvers: RESOLVERS }], { audiences: [PARTNER] });
});
afterAll(() => ours.engine.close());

async function refused(query: string, variables: Record<string, unknown> = {}) {
  const error = await ours.run({ query, variables }, partner).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationRejected)) throw new Error('It was not refused.', { cause: error });
  return error;
}

describe('what needs a type that scopes hide', () => {
  it('is hidden with it: the schema can be had, as text and by introspection', async () => {
    const sdl = ours.engine.sdlFor(partner);
    expect(sdl).not.toMatch(HIDDEN);
    expect(sdl).toMatch(/lookup\(where: Where\): Int/);
    expect(sdl).toMatch(/must: Int/);
    const query = `{ __schema { types { name possibleTypes { name } enumValues(includeDeprecated: true) { name }
      inputFields { name defaultValue } fields { name args { name defaultValue type { name ofType { name } } } } } } }`;
    const { data } = await ours.run({ query }, partner);
    expect(JSON.stringify(data)).not.toMatch(HIDDEN);
  });

  it('does not fail operations that have nothing to do with it', async () => {
    expect(await ours.run({ query: '{ account { id state } }' }, partner)).toMatchObject({
      data: { account: { id: 'a1', state: null } },
    });
    expect((await refused('{ account { nothing } }')).errors[0]).toMatchObject({
      message: 'Cannot query field "nothing" on type "Account".',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('is there for those who have the scopes', () => {
    expect(ours.engine.sdlFor(staff)).toMatch(/rank\(by: Secret!\): Int/);
  });
});

describe('an error', () => {
  it.each([
    ['query ($w: Where) { account { lookup(where: $w) } }', { w: { by: 'X' } }],
    ['query ($w: Where) { account { lookup(where: $w) } }', { w: { by: 'ALPHO' } }],
    ['query ($w: [Where!]) { account { lookup(where: $w) } }', { w: [{ by: 'X' }] }],
    ['{ account { lookup(where: { by: X }) } }', {}],
    ['{ account { lookup(by: X) } }', {}],
    ['{ must(in: { note: "x" }) }', {}],
  ])('of %s with %j names no values of what the caller does not see', async (query, variables) => {
    const { status, errors } = await refused(query, variables);
    expect(status).toBe(400);
    expect(JSON.stringify(errors)).not.toMatch(HIDDEN);
  });

  it('tells in full what is wrong with what the caller does see', async () => {
    const { errors } = await refused('query ($w: Where) { account { lookup(where: $w) } }', {
      w: { note: 1, by: 'X' },
    });
    expect(errors[0]?.message).toMatch(/at "w.note"; String cannot represent a non string value: 1/);
  });
});
