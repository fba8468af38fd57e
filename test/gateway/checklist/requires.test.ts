import { describeChecklist } from '../../support/federation-checklist.ts';

interface Parcel {
  id: string;
  weight: number | null;
  dims: { w: number; h: number } | null;
  tags: string[];
  options: { code: string; price: number }[];
  volume: number | null;
  postage: number | null;
  owner: { id: string; vip: boolean } | null;
}
const parcels = [
  {
    id: 'p1',
    weight: 10,
    dims: { w: 2, h: 3 },
    tags: ['x', 'y'],
    options: [
      { code: 'A', price: 1 },
      { code: 'B', price: 2 },
    ],
    owner: { id: 'o1' },
  },
  { id: 'p2', weight: null, dims: null, tags: [], options: [], owner: null },
];

describeChecklist(
  '@requires',
  [
    {
      name: 'products',
      sdl: `type Query { parcels: [Parcel!]! parcel(id: ID!): Parcel nested: [[Parcel]] }
        type Parcel @key(fields: "id") {
          id: ID! weight: Int dims: Dims tags: [String!]! options: [Option!]! owner: Owner }
        type Dims { w: Int! h: Int! }
        type Option { code: String! price: Int! }
        type Owner @key(fields: "id") { id: ID! }`,
      query: {
        parcels,
        parcel: ({ id }: { id: string }) => parcels.find((parcel) => parcel.id === id) ?? null,
        nested: [[parcels[0], null], [parcels[1]], null],
      },
      entities: { Parcel: parcels },
    },
    {
      name: 'owners',
      sdl: 'type Owner @key(fields: "id") { id: ID! vip: Boolean! name: String }',
      entities: { Owner: [{ id: 'o1', vip: true, name: 'Olga' }] },
    },
    {
      name: 'shipping',
      sdl: `type Parcel @key(fields: "id") {
          id: ID! weight: Int @external dims: Dims @external tags: [String!]! @external
          options: [Option!]! @external owner: Owner @external
          volume: Int @requires(fields: "dims { w h }")
          postage: Int @requires(fields: "weight")
          label: String! @requires(fields: "tags weight")
          codes: String! @requires(fields: "options { code }")
          express: String @requires(fields: "owner { id vip }")
          crate: Crate @requires(fields: "weight") }
        type Crate { load: Int parcel: Parcel }
        type Dims @external { w: Int! h: Int! }
        type Option @external { code: String! }
        type Owner @key(fields: "id") { id: ID! vip: Boolean! @external }`,
      fields: {
        Parcel: {
          volume: ({ dims }: Parcel) => (dims ? dims.w * dims.h : null),
          postage: ({ weight }: Parcel) => (weight === null ? null : weight * 2),
          label: ({ tags, weight }: Parcel) => `${tags.join('+')}/${weight}`,
          codes: ({ options }: Parcel) => options.map(({ code }) => code).join(''),
          express: ({ owner }: Parcel) => (owner ? `${owner.id}:${owner.vip}` : null),
          crate: ({ id, weight }: Parcel) => ({ load: weight, parcel: { id } }),
        },
      },
    },
    {
      name: 'billing',
      sdl: `type Query { bill: Parcel }
        type Parcel @key(fields: "id") { id: ID! volume: Int @external postage: Int @external
          price: Int @requires(fields: "volume postage") }`,
      query: { bill: { id: 'p1' } },
      fields: {
        Parcel: {
          price: ({ volume, postage }: Parcel) => (volume === null || postage === null ? -1 : volume * 100 + postage),
        },
      },
    },
    {
      name: 'ledger',
      sdl: `type Parcel @key(fields: "id") { id: ID! price: Int @external
          entry: String! @requires(fields: "price") }`,
      fields: { Parcel: { entry: ({ id, price }: { id: string; price: number }) => `${id}=${price}` } },
    },
  ],
  [
    {
      title: 'hands a field over',
      query: '{ parcel(id: "p1") { postage } }',
      data: { parcel: { postage: 20 } },
      asked: ['products', 'shipping'],
    },
    { title: 'hands a null over', query: '{ parcel(id: "p2") { postage } }', data: { parcel: { postage: null } } },
    {
      title: 'hands several fields over, one of them null',
      query: '{ parcels { label } }',
      data: { parcels: [{ label: 'x+y/10' }, { label: '/null' }] },
    },
    {
      title: 'hands an object over, or its null',
      query: '{ parcels { volume } }',
      data: { parcels: [{ volume: 6 }, { volume: null }] },
    },
    {
      title: 'hands a list of objects over, or its emptiness',
      query: '{ parcels { codes } }',
      data: { parcels: [{ codes: 'AB' }, { codes: '' }] },
    },
    {
      title: 'fetches a part of the required object from a third subgraph first',
      query: '{ parcels { express } }',
      data: { parcels: [{ express: 'o1:true' }, { express: null }] },
      asked: ['owners', 'products', 'shipping'],
    },
    {
      title: 'does all requirements of one subgraph at once',
      query: '{ parcel(id: "p1") { volume postage label codes } }',
      data: { parcel: { volume: 6, postage: 20, label: 'x+y/10', codes: 'AB' } },
      asked: ['products', 'shipping'],
    },
    {
      title: 'chains over three subgraphs',
      query: '{ parcels { price } }',
      data: { parcels: [{ price: 620 }, { price: -1 }] },
      asked: ['billing', 'products', 'shipping'],
    },
    {
      title: 'chains over four subgraphs',
      query: '{ parcels { entry } }',
      data: { parcels: [{ entry: 'p1=620' }, { entry: 'p2=-1' }] },
      asked: ['billing', 'ledger', 'products', 'shipping'],
    },
    {
      title: 'goes out for requirements and back to where it came from',
      query: '{ bill { price } }',
      data: { bill: { price: 620 } },
      asked: ['billing', 'billing', 'products', 'shipping'],
    },
    {
      title: 'does not show what was only required',
      query: '{ parcel(id: "p1") { volume dims { h } } }',
      data: { parcel: { volume: 6, dims: { h: 3 } } },
    },
    {
      title: 'shows a part of a required list of objects',
      query: '{ parcel(id: "p1") { codes options { price } } }',
      data: { parcel: { codes: 'AB', options: [{ price: 1 }, { price: 2 }] } },
    },
    {
      title: 'lets an alias take the name of a required field',
      query: '{ parcel(id: "p1") { weight: id postage } }',
      data: { parcel: { weight: 'p1', postage: 20 } },
      referenceDiffers: 'the planner reads the required field under its own name, where the client put something else',
    },
    {
      title: 'lets an alias inside a required object take the name of a required field',
      query: '{ parcel(id: "p1") { dims { w: h h: w } volume } }',
      data: { parcel: { dims: { w: 3, h: 2 }, volume: 6 } },
    },
    {
      title: 'keeps the dependent field under several aliases',
      query: '{ parcel(id: "p1") { a: postage b: postage weight } }',
      data: { parcel: { a: 20, b: 20, weight: 10 } },
    },
    {
      title: 'hands over in lists of lists with holes',
      query: '{ nested { postage id } }',
      data: { nested: [[{ postage: 20, id: 'p1' }, null], [{ postage: null, id: 'p2' }], null] },
    },
    {
      title: 'requires at two levels of one answer',
      query: '{ parcel(id: "p1") { crate { load parcel { postage volume } } } }',
      data: { parcel: { crate: { load: 10, parcel: { postage: 20, volume: 6 } } } },
    },
    {
      title: 'leaves a skipped requirement out',
      query: 'query($on: Boolean!) { parcel(id: "p1") { id postage @skip(if: $on) volume @include(if: $on) } }',
      variables: { on: true },
      data: { parcel: { id: 'p1', volume: 6 } },
      referenceDiffers: 'it demands all inputs in one representation, those of the skipped field too',
    },
    {
      title: 'requires although the client skips the required field',
      query: 'query($on: Boolean!) { parcel(id: "p1") { weight @skip(if: $on) postage } }',
      variables: { on: true },
      data: { parcel: { postage: 20 } },
    },
    {
      title: 'requires inside fragments',
      query: '{ parcels { ...P ... on Parcel { label } } } fragment P on Parcel { postage ... { volume } }',
      data: {
        parcels: [
          { postage: 20, volume: 6, label: 'x+y/10' },
          { postage: null, volume: null, label: '/null' },
        ],
      },
    },
    {
      title: 'requires nothing of a null object',
      query: '{ parcel(id: "no") { price } }',
      data: { parcel: null },
      asked: ['products'],
    },
  ],
);

describeChecklist(
  '@requires with arguments',
  [
    {
      name: 'prices',
      sdl: `type Query { item: Item items: [Item!]! }
        type Item @key(fields: "id") { id: ID! price(currency: String! = "EUR", round: Boolean): Float! }`,
      query: { item: { id: 'i1' }, items: [{ id: 'i1' }, { id: 'i2' }] },
      fields: {
        Item: {
          price: ({ id }: { id: string }, { currency, round }: { currency: string; round?: boolean }) =>
            (id === 'i1' ? 1.5 : 2.5) * (currency === 'USD' ? 2 : 1) + (round ? 100 : 0),
        },
      },
    },
    {
      name: 'taxes',
      sdl: `type Item @key(fields: "id") { id: ID! price(currency: String! = "EUR", round: Boolean): Float! @external
          usTax: Float! @requires(fields: "price(currency: \\"USD\\")")
          tax: Float! @requires(fields: "price") }`,
      fields: {
        Item: {
          usTax: ({ price }: { price: number }) => price * 10,
          tax: ({ price }: { price: number }) => price * 10,
        },
      },
    },
    {
      name: 'labels',
      sdl: `type Item @key(fields: "id") { id: ID! price(currency: String! = "EUR", round: Boolean): Float! @external
          tag: String! @requires(fields: "price(currency: \\"EUR\\", round: true)") }`,
      fields: { Item: { tag: ({ price }: { price: number }) => `costs ${price}` } },
    },
  ],
  [
    { title: 'asks with the argument', query: '{ item { usTax } }', data: { item: { usTax: 30 } } },
    { title: 'asks with the default', query: '{ item { tax } }', data: { item: { tax: 15 } } },
    {
      title: 'asks for every item of a list',
      query: '{ items { id tag } }',
      data: {
        items: [
          { id: 'i1', tag: 'costs 101.5' },
          { id: 'i2', tag: 'costs 102.5' },
        ],
      },
    },
    {
      title: 'keeps the arguments of the client',
      query: '{ item { price(currency: "USD") tag } }',
      data: { item: { price: 3, tag: 'costs 101.5' } },
      referenceDiffers: 'the planner asks once, with the arguments of the requirement',
    },
    {
      title: 'keeps the arguments of the client where the requirement has none',
      query: '{ items { price(currency: "USD") tax } }',
      data: {
        items: [
          { price: 3, tax: 15 },
          { price: 5, tax: 25 },
        ],
      },
      referenceDiffers: 'the planner asks once, with the arguments of one of both',
    },
    {
      title: 'keeps an aliased field with arguments apart from the requirement',
      query: '{ item { usd: price(currency: "USD", round: true) usTax } }',
      data: { item: { usd: 103, usTax: 30 } },
    },
    {
      title: 'asks twice where two requirements of two subgraphs differ',
      query: '{ item { tag tax } }',
      data: { item: { tag: 'costs 101.5', tax: 15 } },
      referenceDiffers: 'the planner asks once for both',
    },
    {
      title: 'asks twice where two requirements of one subgraph differ',
      query: '{ item { usTax tax } }',
      data: { item: { usTax: 30, tax: 15 } },
      referenceDiffers: 'the planner asks once for both',
    },
    {
      title: 'asks three times where the client differs as well',
      query: 'query($c: String!) { item { price(currency: $c, round: true) usTax tax } }',
      variables: { c: 'EUR' },
      data: { item: { price: 101.5, usTax: 30, tax: 15 } },
      referenceDiffers: 'the planner asks once for all',
    },
  ],
);
