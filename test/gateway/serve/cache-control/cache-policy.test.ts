import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readCacheHints } from '../../../../gateway/serve/cache-control/cache-hints.ts';
import { cachePolicyOf } from '../../../../gateway/serve/cache-control/cache-policy.ts';

const SDL = `
enum CacheControlScope { PUBLIC PRIVATE }
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
type Query {
  plain: String
  book: Book @cacheControl(maxAge: 60)
  typed: Author
  inherited: Author @cacheControl(inheritMaxAge: true)
  node: Node @cacheControl(maxAge: 600)
  found: Found
  secret: Book @cacheControl(maxAge: 30, scope: PRIVATE)
  never: Book @cacheControl(maxAge: 0)
  greeting: String @cacheControl(maxAge: 20)
}
type Mutation { write: Book @cacheControl(maxAge: 60) }
interface Node @cacheControl(maxAge: 500) { id: ID! name: String }
type Book implements Node { id: ID! name: String title: String author: Author shelf: Shelf votes: Int @cacheControl(maxAge: 5) loose: Shelf @cacheControl(inheritMaxAge: true) }
type Author implements Node @cacheControl(maxAge: 120) { id: ID! name: String @cacheControl(maxAge: 10) mail: String @cacheControl(scope: PRIVATE) }
type Shelf { id: ID! }
union Found = Author | Film
type Film @cacheControl(maxAge: 40) { id: ID! }`;

const schema = buildSchema(SDL);
const hints = readCacheHints(parse(SDL));
const policyOf = (query: string, name: string | null = null) =>
  cachePolicyOf({ schema, hints, document: parse(query), name });

describe('the cache policy of an operation', () => {
  it.each([
    ['{ book { title } }', 60, false],
    ['{ book { title votes } }', 5, false],
    ['{ typed { id } }', 120, false],
    ['{ greeting }', 20, false],
    ['{ greeting book { title } __typename }', 20, false],
    ['{ book { author { id } } }', 60, false],
    ['{ typed { mail } }', 120, true],
    ['{ secret { title } }', 30, true],
    ['{ book { loose { id } } }', 60, false],
    // Whatever stands behind the interface may answer.
    ['{ node { name } }', 10, false],
    ['{ node { id } }', 600, false],
    ['{ found { ... on Film { id } } }', 40, false],
    ['{ book { ...F } } fragment F on Book { title votes }', 5, false],
    ['query ($no: Boolean!) { book { title votes @include(if: $no) } }', 5, false],
  ])('%s', (query, maxAge, isPrivate) => {
    expect(policyOf(query)).toEqual({ maxAge, isPrivate });
  });

  it.each([
    ['a root field nobody speaks of', '{ plain }'],
    ['a root field beside one nobody speaks of', '{ plain book { title } }'],
    ['an object nobody speaks of', '{ book { shelf { id } } }'],
    ['what must not be kept', '{ never { title } }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['a field that inherits from nothing', '{ inherited { id } plain }'],
  ])('there is none for %s', (_name, query) => {
    expect(policyOf(query)).toBeNull();
  });

  it('is that of the operation that runs', () => {
    const document = 'query A { book { title } } query B { plain }';
    expect([policyOf(document, 'A'), policyOf(document, 'B')]).toEqual([{ maxAge: 60, isPrivate: false }, null]);
  });
});

describe('hints of a supergraph', () => {
  it('are read under the name they were imported by', () => {
    const sdl = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://caches.example/v1.0", import: [{ name: "@cacheControl", as: "@keep" }]) { query: Query }
      type Query { a: Int @keep(maxAge: 3) b: Int @cacheControl(maxAge: 9) }`;
    expect([...readCacheHints(parse(sdl))]).toEqual([
      ['Query.a', { maxAge: 3, isPrivate: false, inheritMaxAge: false }],
    ]);
  });

  it('are read from join directives, the strictest of several', () => {
    const sdl = `type Query {
      a: Int
        @join__directive(graphs: [A], name: "cacheControl", args: { maxAge: 30 })
        @join__directive(graphs: [B], name: "cacheControl", args: { maxAge: 10, scope: PRIVATE })
        @join__directive(graphs: [B], name: "other", args: { maxAge: 1 })
    }`;
    expect([...readCacheHints(parse(sdl))]).toEqual([
      ['Query.a', { maxAge: 10, isPrivate: true, inheritMaxAge: false }],
    ]);
  });
});
