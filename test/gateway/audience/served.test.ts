import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Identity } from '../../../lib/identity.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@tag", "@requiresScopes", "@shareable"])
  interface Record { id: ID! }
  type Account implements Record {
    id: ID! name: String margin: Int @tag(name: "internal") state: State email: String @requiresScopes(scopes: [["pii"]])
  }
  type Audit implements Record @tag(name: "internal") { id: ID! by: String }
  enum State { OPEN FROZEN @tag(name: "internal") }
  input Change { note: String secret: Int! }
  type Query {
    account: Account records: [Record] audit: Audit
    stats(in: Change): Int @requiresScopes(scopes: [["stats"]])
  }`;

const RESOLVERS = {
  Query: {
    account: () => ({ id: 'a1', name: 'Acme', margin: 7, state: 'FROZEN', email: 'a@example.com' }),
    records: () => [
      { __typename: 'Account', id: 'a1' },
      { __typename: 'Audit', id: 'l1' },
    ],
    audit: () => ({ id: 'l1', by: 'x' }),
    stats: () => 1,
  },
};

const PARTNER = { name: 'partner', roles: ['partner'], exclude: ['internal'] };

function identity(roles: string[], scopes: string[]): Identity {
  return { subject: 's', tenant: 't', roles, scopes, expiresAt: 0, tokenId: null };
}

const partner = identity(['partner'], []);
const staff = identity(['staff'], ['pii', 'stats']);

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine([{ name: 'crm', sdl: SDL, resolvers: RESOLVERS }], { audiences: [PARTNER] });
});
afterAll(() => ours.engine.close());

const message = (query: string, variables: Record<string, unknown> = {}) =>
  ours.run({ query, variables }, partner).catch((error: { errors: { message: string }[] }) => error.errors[0]?.message);

describe('a partner', () => {
  it('asks for what the contract excludes as for a field that does not exist', async () => {
    expect(await message('{ account { margin } }')).toBe('Cannot query field "margin" on type "Account".');
    expect(await message('{ audit { by } }')).toBe('Cannot query field "audit" on type "Query".');
    expect(await message('{ records { ... on Audit { by } } }')).toMatch(/^Unknown type "Audit"\./);
  });

  it('is told nothing of hidden values and objects in answers', async () => {
    const { data, errors } = await ours.run({ query: '{ account { name state } records { __typename id } }' }, partner);
    expect(data).toEqual({
      account: { name: 'Acme', state: null },
      records: [{ __typename: 'Account', id: 'a1' }, null],
    });
    expect(JSON.stringify(errors)).not.toMatch(/FROZEN|Audit/);
    expect(errors?.map(({ path }) => path)).toEqual([
      ['account', 'state'],
      ['records', 1],
    ]);
  });

  it('introspects neither what the contract excludes nor what its scopes do not reach', async () => {
    const query =
      '{ __schema { types { name fields { name } enumValues { name } } } audit: __type(name: "Audit") { name } }';
    const { data } = await ours.run({ query }, partner);
    expect(data).toMatchObject({ audit: null });
    expect(JSON.stringify(data)).not.toMatch(/margin|FROZEN|email|stats|Change/);
    expect(ours.engine.sdlFor(partner)).not.toMatch(/margin|FROZEN|email|stats|Change|Audit/);
  });

  it('is refused what it lacks scopes for, with the scope, as long as it knows the name', async () => {
    const { data, errors } = await ours.run({ query: '{ account { email } }' }, partner);
    expect(data).toEqual({ account: { email: null } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missingScopes: ['pii'] });
  });

  it('learns nothing of inputs it cannot reach from what is wrong with them', async () => {
    expect(await message('{ stats(in: { note: "x" }) }')).not.toMatch(/secret|Change/);
    const asked = await message('query ($in: Change) { stats(in: $in) }', { in: { note: 'x' } });
    expect(JSON.stringify(asked)).not.toMatch(/secret/);
  });
});

describe('anybody else', () => {
  it('has the whole graph', async () => {
    const query = '{ account { margin state email } audit { by } records { id } }';
    expect(await ours.run({ query }, staff)).toEqual({
      data: {
        account: { margin: 7, state: 'FROZEN', email: 'a@example.com' },
        audit: { by: 'x' },
        records: [{ id: 'a1' }, { id: 'l1' }],
      },
    });
  });

  it('is not served by what a partner asked before, nor the other way round', async () => {
    const query = '{ account { name state } }';
    for (const [who, state] of [
      [partner, null],
      [staff, 'FROZEN'],
      [partner, null],
    ] as const)
      expect((await ours.run({ query }, who)).data).toEqual({ account: { name: 'Acme', state } });
  });
});
