import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineUnderTest, identityWith, openEngine } from '../../support/federation-cases.ts';

let ours: EngineUnderTest;
beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'nodes',
      sdl: `type Query { things: [Thing!]! owned: Owned }
        interface Thing @key(fields: "id") { id: ID! }
        type Chair implements Thing @key(fields: "id") { id: ID! }
        interface Owned { owner: Owner }
        interface Named implements Owned { owner: Owner title: String }
        type Deed implements Owned & Named { owner: Owner @requiresScopes(scopes: [["deeds"]]) title: String }
        type Title implements Owned & Named { owner: Owner @requiresScopes(scopes: [["titles"], ["all"]]) title: String }
        type Owner { name: String }`,
      resolvers: {
        Query: {
          things: () => [{ __typename: 'Chair', id: 'c' }],
          owned: () => ({ __typename: 'Deed', owner: { name: 'Ann' }, title: 'd' }),
        },
      },
    },
    {
      name: 'prices',
      sdl: 'type Thing @key(fields: "id") @interfaceObject { id: ID! price: Int @requiresScopes(scopes: [["prices"]]) }',
      resolvers: { Thing: { price: () => 3 } },
    },
  ]);
});
afterAll(() => ours.engine.close());

const run = (query: string, ...scopes: string[]) => ours.run({ query }, identityWith(...scopes));

describe('a rule on a field of an interface object', () => {
  it.each(['{ things { price } }', '{ things { ... on Chair { price } } }'])('holds for %s', async (query) => {
    expect(await run(query)).toMatchObject({
      data: { things: [{ price: null }] },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(ours.asked().map(({ subgraph }) => subgraph)).toEqual(['nodes']);
    expect((await run(query, 'prices')).data).toEqual({ things: [{ price: 3 }] });
  });
});

describe('rules of several implementers', () => {
  it.each([
    [['deeds'], null],
    [['titles'], null],
    [['deeds', 'titles'], { name: 'Ann' }],
    [['deeds', 'all'], { name: 'Ann' }],
  ])('must all be met through their interface: %j', async (scopes, owner) => {
    expect((await run('{ owned { owner { name } } }', ...scopes)).data).toEqual({ owned: { owner } });
    expect((await run('{ owned { ... on Named { owner { name } } } }', ...scopes)).data).toEqual({ owned: { owner } });
  });

  it('bind one implementer each in a fragment on it', async () => {
    expect((await run('{ owned { ... on Deed { owner { name } } } }', 'deeds')).data).toEqual({
      owned: { owner: { name: 'Ann' } },
    });
  });
});
