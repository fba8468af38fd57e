import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { contextOf, type EngineUnderTest, openEngine, toJson } from '../../support/federation-cases.ts';

const coded = (code: string) => () => {
  throw new GraphQLError('It broke.', { extensions: { code, stacktrace: ['at secret.js:1'], detail: 7 } });
};
let ours: EngineUnderTest;

beforeAll(async () => {
  ours = await openEngine([
    {
      name: 'shop',
      sdl: `type Query { carts: [Cart!]! cart: Cart strict: Cart! bad: Cart count: Int level: Level json: JSON name: String thing: Thing }
        type Mutation { buy: Cart fail: Cart strictFail: Cart! after: Int }
        scalar JSON
        enum Level { LOW HIGH SECRET @inaccessible }
        interface Thing { id: ID! }
        type Public implements Thing { id: ID! }
        type Hidden implements Thing @inaccessible { id: ID! }
        type Cart @key(fields: "id") { id: ID! broken: String must: String! owner: Owner items: [Item!] }
        type Item { n: Int! maybe: Int }
        type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: {
          carts: () => [
            { id: '1', owner: { id: 'a' } },
            { id: '2', owner: { id: 'bad' } },
            { id: '3', owner: { id: 'a' } },
          ],
          cart: () => ({ id: '1', must: 'm', owner: { id: 'a' }, items: [{ n: 1, maybe: 2 }] }),
          strict: () => ({ id: '1', must: null }),
          bad: coded('CONFLICT'),
        },
        Mutation: {
          buy: () => ({ id: '9', owner: { id: 'bad' } }),
          fail: coded('CONFLICT'),
          after: () => 1,
          strictFail: coded('CONFLICT'),
        },
        Cart: { broken: coded('NOT_FOUND'), items: () => [{ n: 1 }, { n: null }] },
      },
    },
    {
      name: 'people',
      sdl: `type Query { hello: String } type Owner @key(fields: "id") { id: ID! name: String vip: Boolean! nick: String }`,
      resolvers: {
        Query: { hello: () => 'hi' },
        Owner: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }) => (id === 'bad' ? coded('VENDOR_UNAVAILABLE')() : `Name ${id}`),
          vip: ({ id }: { id: string }) => (id === 'bad' ? coded('CONFLICT')() : true),
          nick: () => null,
        },
      },
    },
  ]);
});
afterAll(() => ours.engine.close());
beforeEach(() => ours.graph.intercept(() => undefined));

const run = (query: string) => ours.run({ query });
const failing = (subgraph: string, error: Error) =>
  ours.graph.intercept((request) => {
    if (request.subgraph === subgraph) throw error;
    return undefined;
  });
const answering = (subgraph: string, response: unknown) =>
  ours.graph.intercept((request) => (request.subgraph === subgraph ? (response as object) : undefined));

describe('errors of a subgraph', () => {
  it('reach the client with code, path and service, without stack', async () => {
    expect(await run('{ cart { id broken } }')).toEqual({
      data: { cart: { id: '1', broken: null } },
      errors: [
        {
          message: 'It broke.',
          path: ['cart', 'broken'],
          extensions: { code: 'NOT_FOUND', detail: 7, service: 'shop' },
        },
      ],
    });
  });

  it('keep the client’s aliases in the path', async () => {
    const { errors } = await run('{ mine: cart { kaputt: broken } }');
    expect(errors?.[0]?.path).toEqual(['mine', 'kaputt']);
  });

  it('are told at every place an entity occurs, with list indices', async () => {
    const { data, errors } = await run('{ carts { owner { name } } }');
    expect(data).toEqual({
      carts: [{ owner: { name: 'Name a' } }, { owner: { name: null } }, { owner: { name: 'Name a' } }],
    });
    expect(errors?.map(({ path }) => path)).toEqual([['carts', 1, 'owner', 'name']]);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'VENDOR_UNAVAILABLE', service: 'people' });
  });

  it('null the nearest nullable parent, once', async () => {
    const { data, errors } = await run('{ carts { id owner { vip } } }');
    expect(data).toEqual({
      carts: [
        { id: '1', owner: { vip: true } },
        { id: '2', owner: null },
        { id: '3', owner: { vip: true } },
      ],
    });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.path).toEqual(['carts', 1, 'owner', 'vip']);
  });

  it('null the whole answer when nothing above is nullable', async () => {
    const { data, errors } = await run('{ strict { id must } }');
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.path).toEqual(['strict', 'must']);
  });

  it('null a list whose items may not be null', async () => {
    const { data, errors } = await run('{ carts { id items { n } } }');
    expect(data).toMatchObject({
      carts: [
        { id: '1', items: null },
        { id: '2', items: null },
        { id: '3', items: null },
      ],
    });
    expect(errors?.map(({ path }) => path?.at(-1))).toEqual(['n', 'n', 'n']);
  });

  it('leave the other root fields their data', async () => {
    const { data, errors } = await run('{ bad { id } hello cart { id } }');
    expect(data).toEqual({ bad: null, hello: 'hi', cart: { id: '1' } });
    expect(errors).toMatchObject([{ path: ['bad'], extensions: { code: 'CONFLICT', service: 'shop' } }]);
  });

  it('of the request as a whole are told at each field it should have answered', async () => {
    answering('people', { errors: [{ message: 'No.', extensions: { code: 'UNAUTHENTICATED' } }], data: null });
    const { data, errors } = await run('{ cart { id owner { id name nick } } }');
    expect(data).toEqual({ cart: { id: '1', owner: { id: 'a', name: null, nick: null } } });
    expect(errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['cart', 'owner', 'name'], 'UNAUTHENTICATED'],
      [['cart', 'owner', 'nick'], 'UNAUTHENTICATED'],
    ]);
  });

  it('without a code count as INTERNAL', async () => {
    answering('people', { data: { hello: null }, errors: [{ message: 'x', path: ['hello'] }] });
    expect((await run('{ hello }')).errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', service: 'people' });
  });
});

describe('a subgraph that does not answer', () => {
  it.each(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT'] as const)('becomes %s at the fields it owns', async (code) => {
    failing('people', new AppError(code, 'The service people did not answer.'));
    const { data, errors } = await run('{ hello cart { id owner { id name } } }');
    expect(data).toEqual({ hello: null, cart: { id: '1', owner: { id: 'a', name: null } } });
    expect(errors?.map(({ path, extensions }) => [path, extensions['code'], extensions['service']])).toEqual([
      [['hello'], code, 'people'],
      [['cart', 'owner', 'name'], code, 'people'],
    ]);
  });

  it('hides what it threw when that is no error of ours', async () => {
    failing('people', new Error('connect ECONNREFUSED http://10.0.0.7:4001'));
    expect(JSON.stringify(await run('{ hello }'))).not.toContain('10.0.0.7');
  });

  it('bubbles when the field may not be null', async () => {
    failing('people', new AppError('SUBGRAPH_TIMEOUT', 'late'));
    const { data, errors } = await run('{ cart { id owner { vip } } }');
    expect(data).toEqual({ cart: { id: '1', owner: null } });
    expect(errors).toMatchObject([{ path: ['cart', 'owner', 'vip'], extensions: { code: 'SUBGRAPH_TIMEOUT' } }]);
  });

  it('is not asked once the client has left', async () => {
    const operation = await ours.engine.prepare({ query: '{ hello }' }, null);
    ours.graph.calls.length = 0;
    await ours.engine.execute(operation, { ...contextOf(null), signal: AbortSignal.abort() });
    expect(ours.asked()).toEqual([]);
  });
});

describe('a subgraph that answers nonsense', () => {
  it.each([
    ['no object', 'text'],
    ['no data and no errors', {}],
    ['errors that are no list', { errors: 'x' }],
    ['errors that are no objects', { errors: [null] }],
  ])('is told as SUBGRAPH_INVALID_RESPONSE: %s', async (_, response) => {
    answering('people', response);
    const { data, errors } = await run('{ hello }');
    expect(data).toEqual({ hello: null });
    expect(errors).toMatchObject([{ path: ['hello'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } }]);
  });

  it.each([
    ['too few entities', { _entities: [] }],
    ['too many entities', { _entities: [{ name: 'x' }, { name: 'y' }] }],
    ['no list of entities', { _entities: 'x' }],
  ])('is told at the entity: %s', async (_, data) => {
    answering('people', { data });
    expect((await run('{ cart { owner { name } } }')).errors).toMatchObject([
      { path: ['cart', 'owner', 'name'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } },
    ]);
  });

  it.each([
    ['a text for an Int', '{ count }', { count: 'many' }, { count: null }],
    ['an object for a String', '{ name }', { name: { a: 1 } }, { name: null }],
    ['an enum value that clients do not know', '{ level }', { level: 'SECRET' }, { level: null }],
    ['an object for a list', '{ cart { items { n } } }', { cart: { items: {} } }, { cart: { items: null } }],
    ['a text for an object', '{ cart { id } }', { cart: 'x' }, { cart: null }],
    [
      'a type that clients do not know',
      '{ thing { id } }',
      { thing: { __typename: 'Hidden', id: '1' } },
      { thing: null },
    ],
    [
      'a type that nobody knows',
      '{ thing { id __typename } }',
      { thing: { __typename: 'constructor', id: '1' } },
      { thing: null },
    ],
  ])('has that value replaced by null and an error: %s', async (_, query, response, data) => {
    answering('shop', { data: response });
    const answer = await run(query);
    expect(answer.data).toEqual(data);
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]?.extensions['code']).toBe('SUBGRAPH_INVALID_RESPONSE');
  });

  it('leaves custom scalars alone', async () => {
    const json = { a: [1, { b: null }], c: 'x' };
    answering('shop', { data: { json } });
    expect(await run('{ json }')).toEqual({ data: { json } });
  });

  it('cannot pollute a prototype', async () => {
    answering(
      'shop',
      JSON.parse(
        '{"data":{"__proto__":{"polluted":1},"cart":{"id":"1","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}}',
      ),
    );
    expect(await run('{ cart { id } }')).toEqual({ data: { cart: { id: '1' } } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a mutation', () => {
  it('runs its root fields strictly in order, entity fields in between', async () => {
    const { data } = await run('mutation { a: after buy { id owner { nick } } b: after }');
    expect(data).toEqual({ a: 1, buy: { id: '9', owner: { nick: null } }, b: 1 });
    expect(ours.asked()[0]?.subgraph).toBe('shop');
    expect(Object.keys(data as object)).toEqual(['a', 'buy', 'b']);
  });

  it('goes on after a root field that failed', async () => {
    const { data, errors } = await run('mutation { fail { id } after }');
    expect(data).toEqual({ fail: null, after: 1 });
    expect(errors).toMatchObject([{ path: ['fail'], extensions: { code: 'CONFLICT' } }]);
  });

  it('answers null data when a root field that may not be null failed', async () => {
    expect((await run('mutation { strictFail { id } }')).data).toBeNull();
  });
});

describe('an answer with very many failures', () => {
  it('keeps its data and bounds its errors', async () => {
    const carts = Array.from({ length: 5_000 }, (_, index) => ({
      id: String(index),
      __typename: 'Cart',
      owner: { __typename: 'Owner', id: String(index) },
    }));
    ours.graph.intercept(({ subgraph }) => {
      if (subgraph === 'shop') return { data: { carts } };
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'gone');
    });
    const started = performance.now();
    const { data, errors } = await run('{ carts { id owner { vip } } }');
    expect((data as { carts: unknown[] }).carts).toHaveLength(5_000);
    expect(errors?.length).toBe(100);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

it('says what execution of a subscription as a query is', async () => {
  const operation = await ours.engine.prepare({ query: '{ hello }' }, null);
  const result = toJson(await ours.engine.execute({ ...operation, kind: 'subscription' as never }, contextOf(null)));
  expect(result).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] });
});
