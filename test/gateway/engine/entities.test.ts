import { describeFederation } from '../../support/federation-cases.ts';

const orders = [
  { id: 'o1', buyer: { id: 'u1' }, lines: [{ upc: 'p1' }, null, { upc: 'p2' }] },
  { id: 'o2', buyer: { id: 'gone' }, lines: [{ upc: 'p1' }, { upc: 'p1' }] },
  { id: 'o3', buyer: null, lines: [] },
];

describeFederation(
  'entities by key',
  [
    {
      name: 'orders',
      sdl: `type Query { orders: [Order!]! order(id: ID!): Order }
        type Order @key(fields: "id") { id: ID! buyer: User lines: [Product] first: Product }
        type User @key(fields: "id", resolvable: false) { id: ID! }
        type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
      resolvers: {
        Query: {
          orders: () => orders,
          order: (_: unknown, { id }: { id: string }) => orders.find((o) => o.id === id) ?? null,
        },
        Order: {
          __resolveReference: ({ id }: { id: string }) => orders.find((order) => order.id === id) ?? null,
          first: (order: (typeof orders)[number]) => order.lines[0] ?? null,
        },
      },
    },
    {
      name: 'users',
      sdl: `type Query { user(id: ID!): User }
        type User @key(fields: "id") { id: ID! name: String boss: User greeting(word: String! = "Hi"): String! }`,
      resolvers: {
        Query: { user: (_: unknown, { id }: { id: string }) => ({ id, name: `User ${id}` }) },
        User: {
          __resolveReference: ({ id }: { id: string }) => (id === 'gone' ? null : { id, name: `User ${id}` }),
          boss: ({ id }: { id: string }) => (id === 'u0' ? null : { id: 'u0', name: 'User u0' }),
          greeting: ({ name }: { name: string }, { word }: { word: string }) => `${word} ${name}`,
        },
      },
    },
    {
      name: 'history',
      sdl: `type User @key(fields: "id") { id: ID! orders: [Order!] }
        type Order @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: { User: { orders: ({ id }: { id: string }) => (id === 'u1' ? [{ id: 'o1' }, { id: 'o3' }] : []) } },
    },
    {
      name: 'products',
      sdl: `type Product @key(fields: "upc") { upc: ID! title: String! price(currency: String): Int }`,
      resolvers: {
        Product: {
          title: ({ upc }: { upc: string }) => `Title ${upc}`,
          price: (_: unknown, { currency }: { currency?: string }) => (currency === 'USD' ? 11 : 10),
        },
      },
    },
  ],
  [
    {
      title: 'fetches a field of another subgraph',
      query: '{ order(id: "o1") { buyer { name } } }',
      data: { order: { buyer: { name: 'User u1' } } },
      asked: ['orders', 'users'],
    },
    {
      title: 'needs no second subgraph for the key alone',
      query: '{ order(id: "o1") { buyer { id } } }',
      data: { order: { buyer: { id: 'u1' } } },
      asked: ['orders'],
    },
    {
      title: 'answers null for a null reference',
      query: '{ order(id: "o3") { buyer { name } } }',
      data: { order: { buyer: null } },
      asked: ['orders'],
    },
    {
      title: 'answers null fields for an entity that is gone',
      query: '{ order(id: "o2") { buyer { id name } } }',
      data: { order: { buyer: { id: 'gone', name: null } } },
    },
    {
      title: 'keeps holes in a list',
      query: '{ order(id: "o1") { lines { title } } }',
      data: { order: { lines: [{ title: 'Title p1' }, null, { title: 'Title p2' }] } },
    },
    {
      title: 'keeps an empty list',
      query: '{ order(id: "o3") { lines { title } } }',
      data: { order: { lines: [] } },
      asked: ['orders'],
    },
    {
      title: 'fills every occurrence of a repeated entity',
      query: '{ order(id: "o2") { lines { title } } }',
      data: { order: { lines: [{ title: 'Title p1' }, { title: 'Title p1' }] } },
    },
    {
      title: 'flattens lists within lists',
      query: '{ orders { id lines { title } } }',
      data: {
        orders: [
          { id: 'o1', lines: [{ title: 'Title p1' }, null, { title: 'Title p2' }] },
          { id: 'o2', lines: [{ title: 'Title p1' }, { title: 'Title p1' }] },
          { id: 'o3', lines: [] },
        ],
      },
    },
    {
      title: 'answers null for a root entity that is absent',
      query: '{ order(id: "no") { buyer { name } } }',
      data: { order: null },
      asked: ['orders'],
    },
    {
      title: 'follows a circle back',
      query: '{ order(id: "o1") { buyer { orders { id buyer { name } } } } }',
      data: {
        order: {
          buyer: {
            orders: [
              { id: 'o1', buyer: { name: 'User u1' } },
              { id: 'o3', buyer: null },
            ],
          },
        },
      },
    },
    {
      title: 'reads an entity inside the same subgraph',
      query: '{ user(id: "u7") { boss { name boss { name } } } }',
      data: { user: { boss: { name: 'User u0', boss: null } } },
      asked: ['users'],
    },
    {
      title: 'goes through one subgraph to another and back',
      query: '{ user(id: "u1") { orders { lines { title } } } }',
      data: { user: { orders: [{ lines: [{ title: 'Title p1' }, null, { title: 'Title p2' }] }, { lines: [] }] } },
      asked: ['history', 'orders', 'products', 'users'],
    },
    {
      title: 'keeps aliases of entities apart',
      query:
        '{ a: order(id: "o1") { who: buyer { called: name } } b: order(id: "o2") { who: buyer { called: name } } }',
      data: { a: { who: { called: 'User u1' } }, b: { who: { called: null } } },
    },
    {
      title: 'passes arguments of an entity field',
      query: '{ order(id: "o1") { buyer { hi: greeting hey: greeting(word: "Hey") } } }',
      data: { order: { buyer: { hi: 'Hi User u1', hey: 'Hey User u1' } } },
    },
    {
      title: 'keeps aliases with other arguments apart',
      query: '{ order(id: "o1") { first { eur: price usd: price(currency: "USD") } } }',
      data: { order: { first: { eur: 10, usd: 11 } } },
    },
    {
      title: 'passes variables to the subgraph that uses them',
      query: 'query($id: ID!, $word: String!) { order(id: $id) { buyer { greeting(word: $word) } } }',
      variables: { id: 'o1', word: 'Yo' },
      data: { order: { buyer: { greeting: 'Yo User u1' } } },
    },
    {
      title: 'serves the key under an alias too',
      query: '{ order(id: "o1") { buyer { key: id name } } }',
      data: { order: { buyer: { key: 'u1', name: 'User u1' } } },
    },
    {
      title: 'lets an alias take the name of another field',
      query: '{ order(id: "o1") { buyer { id: name name: id } } }',
      data: { order: { buyer: { id: 'User u1', name: 'u1' } } },
    },
    {
      title: 'knows that objects are there although all their fields are skipped',
      query: 'query($on: Boolean!) { order(id: "o1") { buyer { orders { id @skip(if: $on) } } } }',
      variables: { on: true },
      data: { order: { buyer: { orders: [{}, {}] } } },
      unlikeReference: 'the planner skips the whole fetch, and the list with it',
    },
  ],
);

describeFederation(
  'compound, nested and several keys',
  [
    {
      name: 'a',
      sdl: `type Query { items: [Item!]! part: Part }
        type Item @key(fields: "id org { id }") { id: ID! org: Org! a: String! }
        type Org @key(fields: "id") { id: ID! label: String }
        type Part @key(fields: "upc") { upc: ID! }`,
      resolvers: {
        Query: {
          items: () => [
            { id: '1', org: { id: 'x', label: 'X' }, a: 'a1' },
            { id: '1', org: { id: 'y', label: null }, a: 'a2' },
          ],
          part: () => ({ upc: 'u1' }),
        },
      },
    },
    {
      name: 'b',
      sdl: `type Item @key(fields: "id org { id }") { id: ID! org: Org! b: String! }
        type Org @key(fields: "id") { id: ID! size: Int }
        type Part @key(fields: "upc") @key(fields: "sku") { upc: ID! sku: ID! }`,
      resolvers: {
        Item: { b: ({ id, org }: { id: string; org: { id: string } }) => `b${id}${org.id}` },
        Org: { size: ({ id }: { id: string }) => id.charCodeAt(0) },
        Part: {
          __resolveReference: ({ upc }: { upc: string }) => ({ upc, sku: `s-${upc}` }),
          sku: ({ sku }: { sku: string }) => sku,
        },
      },
    },
    {
      name: 'c',
      sdl: 'type Part @key(fields: "sku") { sku: ID! stock: Int! }',
      resolvers: { Part: { stock: ({ sku }: { sku: string }) => sku.length } },
    },
  ],
  [
    {
      title: 'tells entities apart by a nested key',
      query: '{ items { a b } }',
      data: {
        items: [
          { a: 'a1', b: 'b1x' },
          { a: 'a2', b: 'b1y' },
        ],
      },
    },
    {
      title: 'fetches an entity that is part of a key',
      query: '{ items { org { size label } } }',
      data: { items: [{ org: { size: 120, label: 'X' } }, { org: { size: 121, label: null } }] },
    },
    {
      title: 'changes from one key to another on the way',
      query: '{ part { stock } }',
      data: { part: { stock: 4 } },
      asked: ['a', 'b', 'c'],
    },
    {
      title: 'does not show the keys it needed',
      query: '{ part { s: stock } items { b } }',
      data: { part: { s: 4 }, items: [{ b: 'b1x' }, { b: 'b1y' }] },
    },
  ],
);
