import { describeChecklist } from '../../support/federation-checklist.ts';

const users = [
  { id: 'u1', name: 'Ann' },
  { id: 'u2', name: 'Bob' },
  { id: 'u3', name: null },
];

describeChecklist(
  'a simple key',
  [
    {
      name: 'posts',
      sdl: `type Query { posts: [Post!]! post(id: ID!): Post none: Post }
        type Post @key(fields: "id") { id: ID! title: String! author: User! editor: User readers: [User] pairs: [[User]!]! }
        type User @key(fields: "id") { id: ID! posts: [Post!]! }`,
      query: {
        posts: [
          {
            id: 'p1',
            title: 'One',
            author: { id: 'u1' },
            editor: { id: 'u2' },
            readers: [{ id: 'u1' }, null, { id: 'u3' }],
            pairs: [[{ id: 'u1' }, { id: 'u2' }], [], [null, { id: 'u1' }]],
          },
          { id: 'p2', title: 'Two', author: { id: 'u2' }, editor: null, readers: null, pairs: [] },
        ],
        post: ({ id }: { id: string }) => (id === 'p3' ? { id, title: 'Three', author: { id: 'gone' } } : null),
        none: null,
      },
      entities: {
        User: [
          { id: 'u1', posts: [{ id: 'p1', title: 'One', author: { id: 'u1' }, pairs: [] }] },
          { id: 'u2', posts: [] },
        ],
      },
    },
    {
      name: 'users',
      sdl: `type Query { user(id: ID!): User users: [User!]! }
        type User @key(fields: "id") { id: ID! name: String boss: User hello(to: String! = "you"): String! }`,
      query: { user: ({ id }: { id: string }) => users.find((user) => user.id === id) ?? null, users },
      entities: { User: users },
      fields: {
        User: {
          boss: ({ id }: { id: string }) => (id === 'u1' ? null : users[0]),
          hello: ({ name }: { name: string }, { to }: { to: string }) => `${name} greets ${to}`,
        },
      },
    },
  ],
  [
    {
      title: 'joins one entity',
      query: '{ posts { title author { name } } }',
      data: {
        posts: [
          { title: 'One', author: { name: 'Ann' } },
          { title: 'Two', author: { name: 'Bob' } },
        ],
      },
      asked: ['posts', 'users'],
    },
    {
      title: 'asks nobody else for the key itself',
      query: '{ posts { author { id __typename } } }',
      data: {
        posts: [{ author: { id: 'u1', __typename: 'User' } }, { author: { id: 'u2', __typename: 'User' } }],
      },
      asked: ['posts'],
    },
    {
      title: 'keeps a null reference null',
      query: '{ posts { editor { name } } }',
      data: { posts: [{ editor: { name: 'Bob' } }, { editor: null }] },
    },
    {
      title: 'keeps holes in a list of entities where they are',
      query: '{ posts { readers { name id } } }',
      data: { posts: [{ readers: [{ name: 'Ann', id: 'u1' }, null, { name: null, id: 'u3' }] }, { readers: null }] },
    },
    {
      title: 'joins inside lists of lists',
      query: '{ posts { pairs { name } } }',
      data: {
        posts: [{ pairs: [[{ name: 'Ann' }, { name: 'Bob' }], [], [null, { name: 'Ann' }]] }, { pairs: [] }],
      },
    },
    {
      title: 'goes there and back again',
      query: '{ user(id: "u1") { posts { author { name } } } }',
      data: { user: { posts: [{ author: { name: 'Ann' } }] } },
      asked: ['posts', 'users', 'users'],
    },
    {
      title: 'stays in a subgraph for a reference inside it',
      query: '{ user(id: "u2") { boss { name boss { name } } } }',
      data: { user: { boss: { name: 'Ann', boss: null } } },
      asked: ['users'],
    },
    {
      title: 'joins entities that come at different depths',
      query: '{ user(id: "u2") { boss { posts { title } } posts { title } } }',
      data: { user: { boss: { posts: [{ title: 'One' }] }, posts: [] } },
    },
    {
      title: 'has nothing to put where an entity is unknown and its list may not be null',
      query: '{ users { posts { title } } }',
      data: null,
      errors: { 'users.2.posts': 'SUBGRAPH_INVALID_RESPONSE' },
    },
    {
      title: 'keeps aliases with other arguments apart behind a join',
      query: '{ posts { author { a: hello b: hello(to: "me") hello(to: "all") } } }',
      data: {
        posts: [
          { author: { a: 'Ann greets you', b: 'Ann greets me', hello: 'Ann greets all' } },
          { author: { a: 'Bob greets you', b: 'Bob greets me', hello: 'Bob greets all' } },
        ],
      },
    },
    {
      title: 'hands a variable over a join',
      query: 'query($to: String!) { posts { author { hello(to: $to) } } }',
      variables: { to: 'them' },
      data: { posts: [{ author: { hello: 'Ann greets them' } }, { author: { hello: 'Bob greets them' } }] },
    },
    {
      title: 'uses the default of a variable behind a join',
      query: 'query($to: String = "dawn") { posts { author { hello(to: $to) } } }',
      data: { posts: [{ author: { hello: 'Ann greets dawn' } }, { author: { hello: 'Bob greets dawn' } }] },
    },
    {
      title: 'uses the default of an argument whose variable is absent',
      query: 'query($to: String!) { user(id: "u1") { hello(to: $to) } }',
      variables: { to: 'x' },
      data: { user: { hello: 'Ann greets x' } },
      asked: ['users'],
    },
    {
      title: 'merges the same field selected twice',
      query: '{ posts { author { id } author { name } } }',
      data: { posts: [{ author: { id: 'u1', name: 'Ann' } }, { author: { id: 'u2', name: 'Bob' } }] },
    },
    {
      title: 'keeps two aliases of one entity apart',
      query: '{ posts { x: author { name } y: author { id n: name } } }',
      data: {
        posts: [
          { x: { name: 'Ann' }, y: { id: 'u1', n: 'Ann' } },
          { x: { name: 'Bob' }, y: { id: 'u2', n: 'Bob' } },
        ],
      },
    },
    {
      title: 'answers null for an entity of no subgraph',
      query: '{ post(id: "p3") { title author { id name } } }',
      data: { post: { title: 'Three', author: { id: 'gone', name: null } } },
    },
    {
      title: 'asks nobody below a null root',
      query: '{ none { author { name } } }',
      data: { none: null },
      asked: ['posts'],
    },
    {
      title: 'lets the key take the name of another field',
      query: '{ posts { author { name: id id: name } } }',
      data: { posts: [{ author: { name: 'u1', id: 'Ann' } }, { author: { name: 'u2', id: 'Bob' } }] },
    },
    {
      title: 'tells __typename under aliases on both sides of a join',
      query: '{ t: __typename posts { a: __typename author { b: __typename boss { c: __typename } } } }',
      data: {
        t: 'Query',
        posts: [
          { a: 'Post', author: { b: 'User', boss: null } },
          { a: 'Post', author: { b: 'User', boss: { c: 'User' } } },
        ],
      },
    },
    {
      title: 'asks one subgraph for two root fields at once',
      query: '{ users { name } user(id: "u1") { name } }',
      data: { users: [{ name: 'Ann' }, { name: 'Bob' }, { name: null }], user: { name: 'Ann' } },
      asked: ['users'],
    },
    {
      title: 'splits root fields over their subgraphs',
      query: '{ user(id: "u1") { name } posts { title } }',
      data: { user: { name: 'Ann' }, posts: [{ title: 'One' }, { title: 'Two' }] },
      asked: ['posts', 'users'],
    },
  ],
);

const orgs = [
  { id: 'x', label: 'X' },
  { id: 'y', label: null },
];

describeChecklist(
  'compound, nested and list keys',
  [
    {
      name: 'a',
      sdl: `type Query { items: [Item!]! rooms: [Room]! teams: [Team!]! }
        type Item @key(fields: "id org { id }") { id: ID! org: Org! a: String! }
        type Org @key(fields: "id") { id: ID! label: String }
        type Room @key(fields: "floor number") { floor: Int! number: Int! name: String }
        type Team @key(fields: "members { id }") { members: [Member!]! motto: String }
        type Member @shareable { id: ID! }`,
      query: {
        items: [
          { id: '1', org: orgs[0], a: 'a1' },
          { id: '1', org: orgs[1], a: 'a2' },
        ],
        rooms: [{ floor: 1, number: 2, name: 'Blue' }, null, { floor: 2, number: 1, name: null }],
        teams: [{ members: [{ id: 'm1' }, { id: 'm2' }], motto: 'Go' }],
      },
      entities: { Org: orgs, Room: [{ floor: 1, number: 2, name: 'Blue' }] },
    },
    {
      name: 'b',
      sdl: `type Item @key(fields: "id org { id }") { id: ID! org: Org! b: String! }
        type Org @key(fields: "id") { id: ID! size: Int }
        type Room @key(fields: "number floor") { number: Int! floor: Int! seats: Int! }
        type Team @key(fields: "members { id }") { members: [Member!]! score: Int }
        type Member @shareable { id: ID! }`,
      entities: {
        Item: [
          { id: '1', org: { id: 'x', size: 10 } },
          { id: '1', org: { id: 'y', size: 20 } },
        ],
        Org: [
          { id: 'x', size: 10 },
          { id: 'y', size: 20 },
        ],
        Room: [
          { floor: 1, number: 2, seats: 12 },
          { floor: 2, number: 1, seats: 21 },
        ],
      },
      fields: {
        Item: { b: ({ id, org }: { id: string; org: { id: string } }) => `b${id}${org.id}` },
        Team: { score: ({ members }: { members: unknown[] }) => members.length * 10 },
      },
    },
  ],
  [
    {
      title: 'tells entities apart by the nested part of a key',
      query: '{ items { a b } }',
      data: {
        items: [
          { a: 'a1', b: 'b1x' },
          { a: 'a2', b: 'b1y' },
        ],
      },
    },
    {
      title: 'joins an entity that is part of a key',
      query: '{ items { org { label size } } }',
      data: { items: [{ org: { label: 'X', size: 10 } }, { org: { label: null, size: 20 } }] },
    },
    {
      title: 'joins by an object and by its part at once',
      query: '{ items { b org { size } } }',
      data: {
        items: [
          { b: 'b1x', org: { size: 10 } },
          { b: 'b1y', org: { size: 20 } },
        ],
      },
    },
    {
      title: 'joins by several fields written in another order, holes kept',
      query: '{ rooms { name seats } }',
      data: { rooms: [{ name: 'Blue', seats: 12 }, null, { name: null, seats: 21 }] },
    },
    {
      title: 'does not show the keys it used',
      query: '{ rooms { seats } }',
      data: { rooms: [{ seats: 12 }, null, { seats: 21 }] },
    },
    {
      title: 'lets an alias hide a part of a compound key',
      query: '{ rooms { floor: number seats } }',
      data: { rooms: [{ floor: 2, seats: 12 }, null, { floor: 1, seats: 21 }] },
      referenceDiffers: 'the planner reads the key under its own name, where the client put something else',
    },
    {
      title: 'joins by a list of objects',
      query: '{ teams { motto score } }',
      data: { teams: [{ motto: 'Go', score: 20 }] },
      asked: ['a', 'b'],
    },
  ],
);

const parts = [
  { upc: 'u1', sku: 's1', id: 'i1' },
  { upc: 'u2', sku: null, id: 'i2' },
];

describeChecklist(
  'several keys',
  [
    {
      name: 'shop',
      sdl: `type Query { parts: [Part!]! }
        type Part @key(fields: "upc") { upc: ID! price: Int }
        `,
      query: { parts: parts.map(({ upc }) => ({ upc, price: 5 })) },
      entities: { Part: parts.map(({ upc }) => ({ upc, price: 5 })) },
    },
    {
      name: 'catalog',
      sdl: 'type Part @key(fields: "upc") @key(fields: "sku") @key(fields: "id") { upc: ID! sku: ID id: ID! title: String }',
      entities: { Part: parts.map((part) => ({ ...part, title: `Part ${part.id}` })) },
    },
    {
      name: 'stock',
      sdl: 'type Part @key(fields: "sku") { sku: ID stock: Int }',
      entities: { Part: [{ sku: 's1', stock: 7 }] },
    },
    {
      name: 'depot',
      sdl: `type Query { shelf: [Part]! }
        type Part @key(fields: "id") { id: ID! place: String }`,
      query: { shelf: [{ id: 'i1' }, null, { id: 'i2' }] },
      entities: {
        Part: [
          { id: 'i1', place: 'A' },
          { id: 'i2', place: 'B' },
        ],
      },
      fields: { Part: { place: ({ id }: { id: string }) => (id === 'i1' ? 'A' : 'B') } },
    },
  ],
  [
    {
      title: 'changes from one key to another in between',
      query: '{ parts { price place } }',
      data: {
        parts: [
          { price: 5, place: 'A' },
          { price: 5, place: 'B' },
        ],
      },
      asked: ['catalog', 'depot', 'shop'],
    },
    {
      title: 'asks with a null key where a key may be null',
      query: '{ parts { stock } }',
      data: { parts: [{ stock: 7 }, { stock: null }] },
    },
    {
      title: 'goes the other way through the same keys',
      query: '{ shelf { place price title } }',
      data: {
        shelf: [{ place: 'A', price: 5, title: 'Part i1' }, null, { place: 'B', price: 5, title: 'Part i2' }],
      },
    },
    {
      title: 'shows the keys themselves',
      query: '{ shelf { id upc sku } }',
      data: { shelf: [{ id: 'i1', upc: 'u1', sku: 's1' }, null, { id: 'i2', upc: 'u2', sku: null }] },
      asked: ['catalog', 'depot'],
    },
    {
      title: 'reaches all four subgraphs',
      query: '{ shelf { place price title stock } }',
      data: {
        shelf: [
          { place: 'A', price: 5, title: 'Part i1', stock: 7 },
          null,
          { place: 'B', price: 5, title: 'Part i2', stock: null },
        ],
      },
    },
  ],
);
