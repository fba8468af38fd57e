import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestGraph } from '../../../support/test-subgraphs.ts';
import { type Demo, identityOf, startDemo } from '../demo-gateway.ts';

const SDL = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective", "@requiresScopes"])
  @link(url: "https://caches.example/cacheControl/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
enum CacheControlScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT
type Query { rate: Rate @cacheControl(maxAge: 60)  fails: Int @cacheControl(maxAge: 60)  mine: Int @cacheControl(maxAge: 9, scope: PRIVATE)  now: Int }
type Mutation { write: Int @cacheControl(maxAge: 60) }
type Rate { value: Int  hidden: Int @requiresScopes(scopes: [["rates:see"]]) }`;

const resolvers = {
  Query: {
    rate: () => ({ value: 1, hidden: 2 }),
    mine: () => 3,
    now: () => 4,
    fails: () => {
      throw new Error('no');
    },
  },
  Mutation: { write: () => 5 },
};

let open: Demo;
let closed: Demo;
beforeAll(async () => {
  const graph = () => createTestGraph([{ name: 'rates', sdl: SDL, resolvers }]);
  const people = { ada: identityOf('ada', 'acme', ['rates:see']), bob: identityOf('bob', 'acme', []) };
  [open, closed] = await Promise.all([startDemo({ graph: graph() }), startDemo({ graph: graph(), people })]);
});
afterAll(() => Promise.all([open.close(), closed.close()]));

async function headersOf(demo: Demo, query: string, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', ...headers };
  const response = await fetch(demo.graphql, { method: 'POST', headers: all, body: JSON.stringify({ query }) });
  await response.text();
  return [response.headers.get('cache-control'), response.headers.get('vary')];
}

const VARY = 'accept, accept-encoding, authorization';

describe('Cache-Control of an answer', () => {
  it('is what the supergraph says', async () => {
    expect(await headersOf(open, '{ rate { value } }')).toEqual(['max-age=60, public', VARY]);
    expect(await headersOf(open, '{ rate { value } mine }')).toEqual(['max-age=9, private', VARY]);
  });

  it('is private where callers are told apart', async () => {
    expect(await headersOf(closed, '{ rate { value } }', { authorization: 'Bearer ada' })).toEqual([
      'max-age=60, private',
      VARY,
    ]);
  });

  it.each(['authorization', 'cookie'])('is private where a client sends %s, which subgraphs may get', async (name) => {
    expect(await headersOf(open, '{ rate { value } }', { [name]: 'a=b' })).toEqual(['max-age=60, private', VARY]);
  });

  it.each([
    ['a field that nobody speaks of', '{ rate { value } now }'],
    ['a mutation', 'mutation { write }'],
    ['an error', '{ rate { value } fails }'],
    ['a document that is wrong', '{ nope }'],
  ])('is no-store with %s', async (_name, query) => {
    expect((await headersOf(open, query))[0]).toBe('no-store');
  });

  it('is no-store with a field that was denied', async () => {
    const query = '{ rate { value hidden } }';
    expect((await headersOf(closed, query, { authorization: 'Bearer bob' }))[0]).toBe('no-store');
    expect((await headersOf(closed, query, { authorization: 'Bearer ada' }))[0]).toBe('max-age=60, private');
    expect((await headersOf(closed, query))[0]).toBe('no-store');
  });

  it('is no-store where the option is off', async () => {
    const off = await startDemo({
      graph: createTestGraph([{ name: 'rates', sdl: SDL, resolvers }]),
      cacheControl: false,
    });
    expect((await headersOf(off, '{ rate { value } }'))[0]).toBe('no-store');
    await off.close();
  });
});
