import { describeFederation } from '../../support/federation-cases.ts';

const media = [
  { __typename: 'Book', id: 'b1', title: 'Dune', pages: 412, size: 'thick' },
  { __typename: 'Film', id: 'f1', title: 'Alien', minutes: 117, size: 2 },
];
type Item = (typeof media)[number];
const byId = ({ id }: { id: string }) => media.find((item) => item.id === id) ?? null;

describeFederation(
  'interfaces and unions',
  [
    {
      name: 'catalog',
      sdl: `type Query { media: [Media!]! hit: Hit hits: [Hit] one(id: ID!): Media shelf: Shelf! }
        interface Media { id: ID! title: String! }
        type Book implements Media @key(fields: "id") { id: ID! title: String! pages: Int size: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int size: Int }
        type Shelf { label: String favourite: Media all: [Media!]! }
        union Hit = Book | Film | Shelf`,
      resolvers: {
        Query: {
          media: () => media,
          hit: () => media[1],
          hits: () => [media[0], null, { __typename: 'Shelf', label: 'top' }, media[1]],
          one: (_: unknown, args: { id: string }) => byId(args),
          shelf: () => ({ label: 'top', favourite: media[0], all: media }),
        },
        Book: { __resolveReference: byId },
        Film: { __resolveReference: byId },
      },
    },
    {
      name: 'reviews',
      sdl: `interface Rated { stars: Int }
        type Book implements Rated @key(fields: "id") { id: ID! stars: Int similar: [Book!]! }
        type Film implements Rated @key(fields: "id") { id: ID! stars: Int score: String! }
        type Query { best: Rated rated: [Rated!]! }`,
      resolvers: {
        Query: {
          best: () => ({ __typename: 'Film', id: 'f1' }),
          rated: () => media.map(({ __typename, id }) => ({ __typename, id })),
        },
        Book: { stars: () => 5, similar: () => [{ id: 'b1' }] },
        Film: { stars: () => 4, score: ({ id }: Item) => `score ${id}` },
      },
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
      title: 'tells the concrete types',
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
      query: '{ media { title ... on Book { pages } ... on Film { minutes } } }',
      data: {
        media: [
          { title: 'Dune', pages: 412 },
          { title: 'Alien', minutes: 117 },
        ],
      },
    },
    {
      title: 'fetches fields of each type elsewhere',
      query: '{ media { ... on Book { stars similar { title } } ... on Film { score } } }',
      data: { media: [{ stars: 5, similar: [{ title: 'Dune' }] }, { score: 'score f1' }] },
    },
    {
      title: 'gives an object without matching fragment no fields',
      query: '{ media { ... on Book { pages } } }',
      data: { media: [{ pages: 412 }, {}] },
    },
    {
      title: 'reads a union, holes kept',
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
      title: 'matches an interface fragment on a union',
      query: '{ hits { ... on Media { title } } }',
      data: { hits: [{ title: 'Dune' }, null, {}, { title: 'Alien' }] },
    },
    {
      title: 'matches an interface that another subgraph knows',
      query: '{ hits { ... on Rated { stars } } }',
      data: { hits: [{ stars: 5 }, null, {}, { stars: 4 }] },
    },
    {
      title: 'matches one interface inside another',
      query: '{ media { ... on Rated { stars ... on Film { score } } } }',
      data: { media: [{ stars: 5 }, { stars: 4, score: 'score f1' }] },
    },
    {
      title: 'returns to the first subgraph through an interface',
      query: '{ rated { stars ... on Book { title } ... on Film { title minutes } } }',
      data: {
        rated: [
          { stars: 5, title: 'Dune' },
          { stars: 4, title: 'Alien', minutes: 117 },
        ],
      },
    },
    {
      title: 'lets types differ under one name',
      query: '{ media { ... on Book { s: pages } ... on Film { s: minutes } } }',
      data: { media: [{ s: 412 }, { s: 117 }] },
    },
    {
      title: 'spreads a fragment in several places',
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
      title: 'nests fragments on the same type',
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
  ],
);

describeFederation(
  '@interfaceObject',
  [
    {
      name: 'nodes',
      sdl: `type Query { things: [Thing!]! thing(id: ID!): Thing }
        interface Thing @key(fields: "id") { id: ID! name: String }
        type Chair implements Thing @key(fields: "id") { id: ID! name: String legs: Int }
        type Lamp implements Thing @key(fields: "id") { id: ID! name: String watts: Int }`,
      resolvers: {
        Query: {
          things: () => [
            { __typename: 'Chair', id: 'c', name: 'Chair', legs: 4 },
            { __typename: 'Lamp', id: 'l', name: 'Lamp', watts: 40 },
          ],
          thing: (_: unknown, { id }: { id: string }) => ({ __typename: 'Lamp', id, name: 'Lamp', watts: 40 }),
        },
        Thing: {
          __resolveReference: ({ id }: { id: string }) =>
            id === 'c'
              ? { __typename: 'Chair', id, name: 'Chair', legs: 4 }
              : { __typename: 'Lamp', id, name: 'Lamp', watts: 40 },
        } as never,
        Chair: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Chair', legs: 4 }) },
        Lamp: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Lamp', watts: 40 }) },
      },
    },
    {
      name: 'likes',
      sdl: `type Query { liked: [Thing!]! } type Thing @key(fields: "id") @interfaceObject { id: ID! likes: Int! }`,
      resolvers: {
        Query: { liked: () => [{ id: 'l', likes: 3 }] },
        Thing: { likes: ({ id }: { id: string }) => (id === 'c' ? 7 : 3) },
      },
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
      title: 'adds it inside a fragment on one implementer',
      query: '{ things { ... on Chair { legs likes } } }',
      data: { things: [{ legs: 4, likes: 7 }, {}] },
    },
    {
      title: 'finds the concrete type of an interface object',
      query: '{ liked { __typename id likes ... on Lamp { watts } } }',
      data: { liked: [{ __typename: 'Lamp', id: 'l', likes: 3, watts: 40 }] },
    },
    {
      title: 'reads interface fields that live elsewhere',
      query: '{ liked { likes name } }',
      data: { liked: [{ likes: 3, name: 'Lamp' }] },
    },
  ],
);
