import { describeChecklist } from '../../support/federation-checklist.ts';

const book = { __typename: 'Book', id: 'b1', title: 'Dune', pages: 412, size: 'thick' };
const film = { __typename: 'Film', id: 'f1', title: 'Alien', minutes: 117, size: 2 };
const shelf = { __typename: 'Shelf', label: 'top' };

describeChecklist(
  'interfaces and unions split over subgraphs',
  [
    {
      name: 'catalog',
      sdl: `type Query { media: [Media!]! one(id: ID!): Media hits: [Hit] hit: Hit grid: [[Media]!]! shelf: Shelf! titled: [Titled!]! }
        interface Titled { title: String! }
        interface Media implements Titled { id: ID! title: String! }
        type Book implements Media & Titled @key(fields: "id") { id: ID! title: String! pages: Int size: String next: Media }
        type Film implements Media & Titled @key(fields: "id") { id: ID! title: String! minutes: Int size: Int }
        type Shelf { label: String favourite: Media all: [Media!]! any: [Hit!] }
        union Hit = Book | Film | Shelf`,
      query: {
        media: [book, film],
        one: ({ id }: { id: string }) => [book, film].find((item) => item.id === id) ?? null,
        hits: [book, null, shelf, film],
        hit: film,
        grid: [[book, null], [], [film, book]],
        shelf: { label: 'top', favourite: book, all: [book, film], any: [shelf, film] },
        titled: [film, book],
      },
      entities: { Book: [{ ...book, next: film }], Film: [film] },
    },
    {
      name: 'reviews',
      sdl: `interface Rated { stars: Int }
        interface Media { id: ID! critics: [String!] }
        type Book implements Rated & Media @key(fields: "id") { id: ID! stars: Int critics: [String!] similar: [Book!]! }
        type Film implements Rated & Media @key(fields: "id") { id: ID! stars: Int critics: [String!] score: String! }
        union Winner = Film
        type Query { best: Rated rated: [Rated!]! winner: Winner }`,
      query: {
        best: { __typename: 'Film', id: 'f1', stars: 4 },
        rated: [
          { __typename: 'Book', id: 'b1' },
          { __typename: 'Film', id: 'f1' },
        ],
        winner: { __typename: 'Film', id: 'f1' },
      },
      fields: {
        Book: { stars: () => 5, similar: () => [{ id: 'b1' }], critics: () => null },
        Film: { stars: () => 4, score: ({ id }: { id: string }) => `score ${id}`, critics: () => ['C'] },
      },
    },
    {
      name: 'cinema',
      sdl: `union Winner = Film | Actor
        type Film @key(fields: "id") { id: ID! cast: [Actor!]! }
        type Actor @key(fields: "name") { name: String! prize: Winner }
        type Query { star: Winner }`,
      query: { star: { __typename: 'Actor', name: 'Sigourney', prize: { __typename: 'Film', id: 'f1' } } },
      fields: { Film: { cast: () => [{ name: 'Sigourney', prize: { __typename: 'Film', id: 'f1' } }] } },
    },
  ],
  [
    {
      title: 'reads an interface by its own fields',
      query: '{ media { id title } }',
      data: {
        media: [
          { id: 'b1', title: 'Dune' },
          { id: 'f1', title: 'Alien' },
        ],
      },
      asked: ['catalog'],
    },
    {
      title: 'tells concrete types, aliases too',
      query: '{ media { __typename kind: __typename } }',
      data: {
        media: [
          { __typename: 'Book', kind: 'Book' },
          { __typename: 'Film', kind: 'Film' },
        ],
      },
    },
    {
      title: 'reads fields of each type',
      query: '{ media { ... on Book { pages } ... on Film { minutes } } }',
      data: { media: [{ pages: 412 }, { minutes: 117 }] },
    },
    {
      title: 'fetches an interface field that another subgraph adds',
      query: '{ media { title critics } }',
      data: {
        media: [
          { title: 'Dune', critics: null },
          { title: 'Alien', critics: ['C'] },
        ],
      },
      asked: ['catalog', 'reviews'],
    },
    {
      title: 'fetches fields of each type elsewhere',
      query: '{ media { ... on Book { stars similar { title } } ... on Film { score } } }',
      data: { media: [{ stars: 5, similar: [{ title: 'Dune' }] }, { score: 'score f1' }] },
    },
    {
      title: 'gives an object no fields that no fragment fits',
      query: '{ media { ... on Book { pages } } }',
      data: { media: [{ pages: 412 }, {}] },
    },
    {
      title: 'reads a union with a hole',
      query: '{ hits { __typename ... on Book { title } ... on Shelf { label } } }',
      data: {
        hits: [
          { __typename: 'Book', title: 'Dune' },
          null,
          { __typename: 'Shelf', label: 'top' },
          { __typename: 'Film' },
        ],
      },
    },
    {
      title: 'matches an interface on a union',
      query: '{ hits { ... on Media { title } } }',
      data: { hits: [{ title: 'Dune' }, null, {}, { title: 'Alien' }] },
    },
    {
      title: 'matches an interface that only another subgraph knows',
      query: '{ hits { ... on Rated { stars } } }',
      data: { hits: [{ stars: 5 }, null, {}, { stars: 4 }] },
    },
    {
      title: 'matches one interface inside another',
      query: '{ media { ... on Rated { stars ... on Film { score } } } }',
      data: { media: [{ stars: 5 }, { stars: 4, score: 'score f1' }] },
    },
    {
      title: 'matches the interface an interface implements',
      query: '{ media { ... on Titled { title } } titled { ... on Media { id } } }',
      data: { media: [{ title: 'Dune' }, { title: 'Alien' }], titled: [{ id: 'f1' }, { id: 'b1' }] },
    },
    {
      title: 'comes back to the first subgraph through an interface',
      query: '{ rated { stars ... on Book { title } ... on Film { title minutes } } }',
      data: {
        rated: [
          { stars: 5, title: 'Dune' },
          { stars: 4, title: 'Alien', minutes: 117 },
        ],
      },
    },
    {
      title: 'lets types differ under one response name',
      query: '{ media { ... on Book { s: pages } ... on Film { s: minutes } } }',
      data: { media: [{ s: 412 }, { s: 117 }] },
    },
    {
      title: 'refuses nothing where types of other shape carry other names',
      query: '{ media { ... on Book { b: size } ... on Film { f: size } } }',
      data: { media: [{ b: 'thick' }, { f: 2 }] },
    },
    {
      title: 'spreads one fragment in several places',
      query:
        '{ shelf { favourite { ...F } all { ...F } } } fragment F on Media { title ... on Film { minutes stars } ... on Book { stars } }',
      data: {
        shelf: {
          favourite: { title: 'Dune', stars: 5 },
          all: [
            { title: 'Dune', stars: 5 },
            { title: 'Alien', minutes: 117, stars: 4 },
          ],
        },
      },
    },
    {
      title: 'nests fragments without a type',
      query: '{ one(id: "f1") { ... { ... on Media { ... on Film { minutes } } } } }',
      data: { one: { minutes: 117 } },
    },
    {
      title: 'answers null for an absent interface',
      query: '{ one(id: "no") { title ... on Book { stars } } }',
      data: { one: null },
    },
    {
      title: 'reads a single union object',
      query: '{ hit { ... on Film { title score } } }',
      data: { hit: { title: 'Alien', score: 'score f1' } },
    },
    {
      title: 'reads lists of lists of an interface',
      query: '{ grid { title ... on Film { score } } }',
      data: { grid: [[{ title: 'Dune' }, null], [], [{ title: 'Alien', score: 'score f1' }, { title: 'Dune' }]] },
    },
    {
      title: 'reads a union inside a value type',
      query: '{ shelf { any { ... on Film { cast { name } } ... on Shelf { label } } } }',
      data: { shelf: { any: [{ label: 'top' }, { cast: [{ name: 'Sigourney' }] }] } },
    },
    {
      title: 'reads a union whose members differ by subgraph',
      query: '{ winner { __typename ... on Film { score title } ... on Actor { name } } }',
      data: { winner: { __typename: 'Film', score: 'score f1', title: 'Alien' } },
    },
    {
      title: 'reads a member that only one subgraph knows',
      query: '{ star { ... on Actor { name prize { ... on Film { title } } } ... on Film { score } } }',
      data: { star: { name: 'Sigourney', prize: { title: 'Alien' } } },
    },
    {
      title: 'follows an interface to an interface',
      query: '{ one(id: "b1") { ... on Book { next { title ... on Film { stars } } } } }',
      data: { one: { next: null } },
    },
    {
      title: 'goes round through abstract types',
      query: '{ hit { ... on Film { cast { prize { ... on Film { minutes cast { name } } } } } } }',
      data: { hit: { cast: [{ prize: { minutes: 117, cast: [{ name: 'Sigourney' }] } }] } },
    },
    {
      title: 'skips a fragment of one type',
      query:
        'query($on: Boolean!) { media { ... on Book @skip(if: $on) { pages } ... on Film @include(if: $on) { minutes } } }',
      variables: { on: true },
      data: { media: [{}, { minutes: 117 }] },
    },
  ],
);

const chair = { __typename: 'Chair', id: 'c', name: 'Chair', legs: 4 };
const lamp = { __typename: 'Lamp', id: 'l', name: 'Lamp', watts: 40 };
const thing = ({ id }: { id: string }) => (id === 'c' ? chair : id === 'l' ? lamp : null);

describeChecklist(
  '@interfaceObject',
  [
    {
      name: 'nodes',
      sdl: `type Query { things: [Thing!]! thing(id: ID!): Thing chair: Chair }
        interface Thing @key(fields: "id") { id: ID! name: String }
        type Chair implements Thing @key(fields: "id") { id: ID! name: String legs: Int }
        type Lamp implements Thing @key(fields: "id") { id: ID! name: String watts: Int }`,
      query: { things: [chair, lamp], thing, chair },
      entities: { Thing: [chair, lamp], Chair: [chair], Lamp: [lamp] },
    },
    {
      name: 'likes',
      sdl: `type Query { liked: [Thing!]! bare: Thing lost: [Thing] }
        type Thing @key(fields: "id") @interfaceObject { id: ID! likes: Int! fans(first: Int! = 2): [Fan!] twin: Thing }
        type Fan { name: String thing: Thing }`,
      query: { liked: [{ id: 'l' }], bare: { id: 'c' }, lost: [{ id: 'c' }, { id: 'gone' }] },
      fields: {
        Thing: {
          likes: ({ id }: { id: string }) => (id === 'c' ? 7 : 3),
          fans: ({ id }: { id: string }, { first }: { first: number }) =>
            Array.from({ length: first }, (_, index) => ({ name: `${id}${index}`, thing: { id: 'l' } })),
          twin: ({ id }: { id: string }) => ({ id: id === 'c' ? 'l' : 'c' }),
        },
      },
    },
    {
      name: 'ranks',
      sdl: `type Thing @key(fields: "id") @interfaceObject { id: ID! name: String @external rank: String @requires(fields: "name") }`,
      fields: { Thing: { rank: ({ name }: { name: string }) => `rank of ${name}` } },
    },
  ],
  [
    {
      title: 'adds a field to every implementer',
      query: '{ things { name likes } }',
      data: {
        things: [
          { name: 'Chair', likes: 7 },
          { name: 'Lamp', likes: 3 },
        ],
      },
    },
    {
      title: 'adds a field inside a fragment on one implementer',
      query: '{ things { ... on Chair { legs likes } } }',
      data: { things: [{ legs: 4, likes: 7 }, {}] },
    },
    {
      title: 'adds a field to a concrete type',
      query: '{ chair { legs likes } }',
      data: { chair: { legs: 4, likes: 7 } },
    },
    {
      title: 'passes arguments',
      query: '{ chair { a: fans { name } b: fans(first: 1) { name } } }',
      data: { chair: { a: [{ name: 'c0' }, { name: 'c1' }], b: [{ name: 'c0' }] } },
    },
    {
      title: 'finds the concrete type',
      query: '{ liked { __typename id likes ... on Lamp { watts } } }',
      data: { liked: [{ __typename: 'Lamp', id: 'l', likes: 3, watts: 40 }] },
    },
    {
      title: 'needs no concrete type for its own fields',
      query: '{ bare { id likes } }',
      data: { bare: { id: 'c', likes: 7 } },
      asked: ['likes'],
    },
    {
      title: 'needs no concrete type for the key alone',
      query: '{ bare { id twin { id } } }',
      data: { bare: { id: 'c', twin: { id: 'l' } } },
      asked: ['likes'],
    },
    {
      title: 'reads fields of the interface elsewhere',
      query: '{ liked { likes name } }',
      data: { liked: [{ likes: 3, name: 'Lamp' }] },
    },
    {
      title: 'goes from one interface object to another',
      query: '{ bare { twin { name twin { __typename } } } }',
      data: { bare: { twin: { name: 'Lamp', twin: { __typename: 'Chair' } } } },
    },
    {
      title: 'requires a field of the interface',
      query: '{ liked { rank } things { rank } }',
      data: { liked: [{ rank: 'rank of Lamp' }], things: [{ rank: 'rank of Chair' }, { rank: 'rank of Lamp' }] },
    },
    {
      title: 'reads through a value type',
      query: '{ bare { fans(first: 1) { thing { ... on Lamp { watts } } } } }',
      data: { bare: { fans: [{ thing: { watts: 40 } }] } },
    },
    {
      title: 'skips what would tell the type',
      query: 'query($on: Boolean!) { bare { id __typename @skip(if: $on) ... on Chair @skip(if: $on) { legs } } }',
      variables: { on: true },
      data: { bare: { id: 'c' } },
    },
    {
      title: 'has nothing where nobody knows the type',
      query: '{ lost { id name } }',
      data: {
        lost: [
          { id: 'c', name: 'Chair' },
          { id: 'gone', name: null },
        ],
      },
    },
    {
      title: 'answers null where the type must be known and is not',
      query: '{ lost { __typename id } }',
      data: { lost: [{ __typename: 'Chair', id: 'c' }, null] },
      errors: { 'lost.1': 'SUBGRAPH_INVALID_RESPONSE' },
    },
  ],
);
