import { describeFederation } from '../../support/federation-cases.ts';

interface Parcel {
  upc: string;
  weight?: number | null;
  dims?: { w: number; h: number } | null;
  tags?: string[];
  volume?: number | null;
  options?: { code: string }[];
}
const parcels: Parcel[] = [
  { upc: 'p1', weight: 10, dims: { w: 2, h: 3 }, tags: ['x', 'y'], options: [{ code: 'A' }, { code: 'B' }] },
  { upc: 'p2', weight: null, dims: null, tags: [], options: [] },
];

describeFederation(
  '@requires and @provides',
  [
    {
      name: 'products',
      sdl: `type Query { parcels: [Parcel!]! parcel(upc: ID!): Parcel }
        type Parcel @key(fields: "upc") { upc: ID! weight: Int @shareable dims: Dims tags: [String!]! options: [Option!]! }
        type Dims { w: Int! h: Int! }
        type Option { code: String! }`,
      resolvers: {
        Query: {
          parcels: () => parcels,
          parcel: (_: unknown, { upc }: { upc: string }) => parcels.find((p) => p.upc === upc) ?? null,
        },
        Parcel: { __resolveReference: ({ upc }: Parcel) => parcels.find((parcel) => parcel.upc === upc) ?? null },
      },
    },
    {
      name: 'shipping',
      sdl: `type Parcel @key(fields: "upc") {
          upc: ID!
          weight: Int @external
          tags: [String!]! @external
          dims: Dims @external
          options: [Option!]! @external
          volume: Int @requires(fields: "dims { w h }")
          postage: Int @requires(fields: "weight")
          label: String! @requires(fields: "tags weight")
          codes: String! @requires(fields: "options { code }")
        }
        type Dims @external { w: Int! h: Int! }
        type Option @external { code: String! }`,
      resolvers: {
        Parcel: {
          volume: ({ dims }: Parcel) => (dims ? dims.w * dims.h : null),
          postage: ({ weight }: Parcel) => (weight ? weight * 2 : null),
          label: ({ tags, weight }: Parcel) => `${tags?.join('+')}/${weight}`,
          codes: ({ options }: Parcel) => (options ?? []).map(({ code }) => code).join(''),
        },
      },
    },
    {
      name: 'billing',
      sdl: `type Query { cheapest: Parcel @provides(fields: "weight") dearest: Parcel }
        type Parcel @key(fields: "upc") {
          upc: ID! volume: Int @external weight: Int @external price: Int @requires(fields: "volume")
        }`,
      resolvers: {
        Query: { cheapest: () => ({ upc: 'p1', weight: 10 }), dearest: () => ({ upc: 'p1' }) },
        Parcel: { price: ({ volume }: Parcel) => (volume === null || volume === undefined ? null : volume * 100) },
      },
    },
  ],
  [
    {
      title: 'hands a required field over',
      query: '{ parcel(upc: "p1") { postage } }',
      data: { parcel: { postage: 20 } },
    },
    {
      title: 'hands a required null over',
      query: '{ parcels { postage label } }',
      data: {
        parcels: [
          { postage: 20, label: 'x+y/10' },
          { postage: null, label: '/null' },
        ],
      },
    },
    {
      title: 'hands a required object over',
      query: '{ parcels { volume } }',
      data: { parcels: [{ volume: 6 }, { volume: null }] },
    },
    {
      title: 'hands a required list of objects over',
      query: '{ parcels { codes } }',
      data: { parcels: [{ codes: 'AB' }, { codes: '' }] },
    },
    {
      title: 'chains requirements over three subgraphs',
      query: '{ parcels { price } }',
      data: { parcels: [{ price: 600 }, { price: null }] },
    },
    {
      title: 'returns for a requirement to where it came from',
      query: '{ dearest { price } }',
      data: { dearest: { price: 600 } },
      asked: ['billing', 'billing', 'products', 'shipping'],
    },
    {
      title: 'does not show what was only required',
      query: '{ parcel(upc: "p1") { volume dims { w } } }',
      data: { parcel: { volume: 6, dims: { w: 2 } } },
    },
    {
      title: 'keeps a client alias apart from a required field',
      query: '{ parcel(upc: "p1") { weight: upc postage } }',
      data: { parcel: { weight: 'p1', postage: 20 } },
      unlikeReference: 'the planner reads the required field under its own name',
    },
    {
      title: 'takes a provided field where it is',
      query: '{ cheapest { weight } }',
      data: { cheapest: { weight: 10 } },
      asked: ['billing'],
    },
    {
      title: 'asks the owner where nothing is provided',
      query: '{ dearest { weight } }',
      data: { dearest: { weight: 10 } },
      asked: ['billing', 'products'],
    },
  ],
);

describeFederation(
  '@shareable, @override, @inaccessible',
  [
    {
      name: 'a',
      sdl: `type Query { me: User @shareable top: [User!]! level: Level }
        type User @key(fields: "id") { id: ID! name: String @shareable old: String note: Note secret: String @inaccessible onlyA: Int }
        type Note @shareable { text: String author: String }
        enum Level { LOW HIGH HIDDEN @inaccessible }`,
      resolvers: {
        Query: {
          me: () => ({ id: 'u1', name: 'Ann', old: 'from a', note: { text: 't', author: 'Ann' }, onlyA: 1 }),
          top: () => [{ id: 'u1', name: 'Ann', old: 'from a' }],
          level: () => 'HIGH',
        },
        User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Ann', onlyA: 1 }) },
      },
    },
    {
      name: 'b',
      sdl: `type Query { me: User @shareable latest: Note }
        type User @key(fields: "id") { id: ID! name: String @shareable old: String @override(from: "a") note: Note onlyB: Int }
        type Note @shareable { text: String author: String }`.replace('note: Note onlyB', 'onlyB'),
      resolvers: {
        Query: { me: () => ({ id: 'u1', name: 'Ann', onlyB: 2 }), latest: () => ({ text: 'n', author: 'Bob' }) },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Ann', onlyB: 2 }),
          old: () => 'from b',
        },
      },
    },
  ],
  [
    { title: 'reads a shared field once', query: '{ me { name } }', data: { me: { name: 'Ann' } } },
    {
      title: 'gathers a shared root from both subgraphs',
      query: '{ me { name onlyA onlyB } }',
      data: { me: { name: 'Ann', onlyA: 1, onlyB: 2 } },
    },
    {
      title: 'takes an overridden field from its new owner',
      query: '{ top { name old } }',
      data: { top: [{ name: 'Ann', old: 'from b' }] },
      asked: ['a', 'b'],
    },
    {
      title: 'reads a value type from either subgraph',
      query: '{ latest { text author } me { note { text } } }',
      data: { latest: { text: 'n', author: 'Bob' }, me: { note: { text: 't' } } },
    },
    { title: 'passes an enum value that clients know', query: '{ level }', data: { level: 'HIGH' } },
  ],
);
