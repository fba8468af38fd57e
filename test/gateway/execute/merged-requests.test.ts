import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';

const broken = () => {
  throw new GraphQLError('It broke.', { extensions: { code: 'CONFLICT' } });
};
let ours: EngineUnderTest;

beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'shop',
      sdl: `type Query { cart: Cart carts: [Cart!]! }
        type Cart { id: ID! owner: Owner product: Product products: [Product] }
        type Owner @key(fields: "id", resolvable: false) { id: ID! }
        type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
      resolvers: {
        Query: {
          cart: () => ({ id: 'c', owner: { id: 'o1' }, product: { upc: 'p1' } }),
          carts: () =>
            ['p1', 'bad', 'p1'].map((upc, index) => ({
              id: String(index),
              owner: { id: 'o1' },
              product: { upc },
              products: [{ upc: 'p1' }, null, { upc: 'p2' }],
            })),
        },
      },
    },
    {
      name: 'info',
      sdl: `type Query { up: Int }
        type Owner @key(fields: "id") { id: ID! name: String! }
        type Product @key(fields: "upc") { upc: ID! title: String cost: Int! size: Size }
        type Size { width: Int height: Int }`,
      resolvers: {
        Owner: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => `Owner ${id}`,
        },
        Product: {
          __resolveReference: ({ upc }: { upc: string }) => (upc === 'gone' ? null : { upc }),
          title: ({ upc }: { upc: string }) => (upc === 'bad' ? broken() : `Title ${upc}`),
          cost: ({ upc }: { upc: string }) => (upc === 'bad' ? broken() : 7),
          size: () => ({ width: 1, height: 2 }),
        },
      },
    },
  ]);
});
afterAll(() => ours.engine.close());
beforeEach(() => ours.graph.intercept(() => undefined));

const run = (query: string) => ours.run({ query });
const info = () => ours.asked().filter(({ subgraph }) => subgraph === 'info');
const both = '{ cart { owner { name } product { title } } }';

describe('entity fetches to one subgraph', () => {
  it('are one request with an alias for each list', async () => {
    expect(await run(both)).toEqual({
      data: { cart: { owner: { name: 'Owner o1' }, product: { title: 'Title p1' } } },
    });
    expect(info().map(({ variables }) => variables)).toEqual([
      { r0: [{ __typename: 'Owner', id: 'o1' }], r1: [{ __typename: 'Product', upc: 'p1' }] },
    ]);
  });

  it('ask once about an entity that several of them ask about alike', async () => {
    const { data } = await run('{ carts { product { title } products { title } } }');
    expect(info()).toHaveLength(1);
    expect(info()[0]?.variables).toEqual({
      representations: ['p1', 'bad', 'p2'].map((upc) => ({ __typename: 'Product', upc })),
    });
    expect((data as { carts: unknown[] }).carts[2]).toEqual({
      product: { title: 'Title p1' },
      products: [{ title: 'Title p1' }, null, { title: 'Title p2' }],
    });
  });

  it('give every place its own objects', async () => {
    const { data } = await run('{ carts { product { size { width } } products { s: size { height } } } }');
    expect((data as { carts: unknown[] }).carts[0]).toEqual({
      product: { size: { width: 1 } },
      products: [{ s: { height: 2 } }, null, { s: { height: 2 } }],
    });
  });

  it('have the errors of one told at its own places', async () => {
    const { data, errors } = await run('{ carts { owner { name } product { title cost } } }');
    const carts = (data as { carts: { owner: unknown; product: unknown }[] }).carts;
    expect(carts.map(({ owner }) => owner)).toEqual(Array(3).fill({ name: 'Owner o1' }));
    expect(carts.map(({ product }) => product)).toEqual([
      { title: 'Title p1', cost: 7 },
      null,
      { title: 'Title p1', cost: 7 },
    ]);
    expect(errors?.map(({ path }) => path)).toEqual([
      ['carts', 1, 'product', 'title'],
      ['carts', 1, 'product', 'cost'],
    ]);
  });

  it('each fail with the code of the request, at their own fields', async () => {
    ours.graph.intercept(({ subgraph }) => {
      if (subgraph === 'info') throw new AppError('SUBGRAPH_TIMEOUT', 'late');
      return undefined;
    });
    const { data, errors } = await run(both);
    expect(data).toEqual({ cart: { owner: null, product: { title: null } } });
    expect(errors?.map(({ path, extensions }) => [path, extensions['code'], extensions['service']])).toEqual([
      [['cart', 'owner', 'name'], 'SUBGRAPH_TIMEOUT', 'info'],
      [['cart', 'product', 'title'], 'SUBGRAPH_TIMEOUT', 'info'],
    ]);
  });

  it('are asked apart when an error of one nulled the whole response', async () => {
    ours.graph.intercept(({ operation }) =>
      operation.text.includes('e1:')
        ? { data: null, errors: [{ message: 'No list.', path: ['e1'], extensions: { code: 'CONFLICT' } }] }
        : undefined,
    );
    const { data, errors } = await run(both);
    expect(data).toEqual({ cart: { owner: { name: 'Owner o1' }, product: { title: null } } });
    expect(errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['cart', 'product', 'title'], 'CONFLICT'],
    ]);
    expect(info().map(({ variables }) => Object.keys(variables))).toEqual([['r0', 'r1'], ['representations']]);
  });

  it('are not asked again when the error concerns them all', async () => {
    ours.graph.intercept(({ subgraph }) =>
      subgraph === 'info' ? { data: null, errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }] } : undefined,
    );
    const { errors } = await run(both);
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(info()).toHaveLength(1);
  });

  it.each([
    ['a list that is too short', { e0: [], e1: [{ title: 'T' }] }],
    ['a list that is missing', { e1: [{ title: 'T' }] }],
  ])('fail alone with a response that has no place for them: %s', async (_, data) => {
    ours.graph.intercept(({ subgraph }) => (subgraph === 'info' ? { data } : undefined));
    const answer = await run(both);
    expect(answer.data).toEqual({ cart: { owner: null, product: { title: 'T' } } });
    expect(answer.errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['cart', 'owner', 'name'], 'SUBGRAPH_INVALID_RESPONSE'],
    ]);
  });
});
