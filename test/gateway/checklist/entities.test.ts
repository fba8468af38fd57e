import { describeChecklist } from '../../support/federation-checklist.ts';

const accounts = [
  { id: 'a1', email: 'a@x', tenant: { id: 't1', region: { code: 'eu' } }, number: 1 },
  { id: 'a2', email: null, tenant: { id: 't1', region: { code: 'us' } }, number: 2 },
];

describeChecklist(
  'entities that are known by halves',
  [
    {
      name: 'front',
      sdl: `type Query { accounts: [Account]! byEmail: [Account!]! deep: [[[Account]]] tree: Node }
        type Account @key(fields: "id", resolvable: false) { id: ID! }
        type Node { account: Account children: [Node!]! }`,
      query: {
        accounts: [{ id: 'a1' }, null, { id: 'a2' }, { id: 'a9' }],
        byEmail: [{ id: 'a1' }],
        deep: [[[{ id: 'a1' }, null], null], [], null, [[], [{ id: 'a2' }]]],
        tree: {
          account: { id: 'a1' },
          children: [
            { account: null, children: [{ account: { id: 'a2' }, children: [] }] },
            { account: { id: 'a1' }, children: [] },
          ],
        },
      },
    },
    {
      name: 'core',
      sdl: `type Query { one(id: ID!): Account }
        type Account @key(fields: "id") @key(fields: "email") @key(fields: "tenant { id region { code } } number") {
          id: ID! email: String tenant: Tenant number: Int parent: Account }
        type Tenant @shareable { id: ID! region: Region }
        type Region @shareable { code: String }`,
      query: { one: ({ id }: { id: string }) => accounts.find((account) => account.id === id) ?? null },
      entities: {
        Account: accounts.map((account) => ({ ...account, parent: account.id === 'a2' ? accounts[0] : null })),
      },
    },
    {
      name: 'mail',
      sdl: 'type Account @key(fields: "email") { email: String inbox: Int }',
      entities: {
        Account: [
          { email: 'a@x', inbox: 5 },
          { email: null, inbox: 0 },
        ],
      },
    },
    {
      name: 'billing',
      sdl: `type Account @key(fields: "number tenant { region { code } id }") { number: Int tenant: Tenant bill: String }
        type Tenant @shareable { id: ID! region: Region }
        type Region @shareable { code: String }`,
      fields: {
        Account: {
          bill: ({ number, tenant }: { number: number; tenant: { id: string; region: { code: string } } }) =>
            `${tenant.region.code}/${tenant.id}/${number}`,
        },
      },
    },
    {
      name: 'ghosts',
      sdl: `type Query { ghosts: [Account!]! stub: Account }
        type Account @key(fields: "id", resolvable: false) @key(fields: "email") { id: ID! email: String haunted: Boolean }`,
      query: { ghosts: [{ id: 'a1', email: 'a@x', haunted: true }], stub: { id: 'a1', email: 'a@x', haunted: false } },
      entities: { Account: [{ id: 'a1', email: 'a@x', haunted: true }] },
    },
  ],
  [
    {
      title: 'leaves unknown entities with what is known of them',
      query: '{ accounts { id email } }',
      data: { accounts: [{ id: 'a1', email: 'a@x' }, null, { id: 'a2', email: null }, { id: 'a9', email: null }] },
    },
    {
      title: 'asks nobody who cannot resolve',
      query: '{ accounts { id } }',
      data: { accounts: [{ id: 'a1' }, null, { id: 'a2' }, { id: 'a9' }] },
      asked: ['front'],
    },
    {
      title: 'joins by a key that may be null',
      query: '{ accounts { inbox } }',
      data: { accounts: [{ inbox: 5 }, null, { inbox: 0 }, { inbox: null }] },
    },
    {
      title: 'joins by a key three levels deep, its parts in another order',
      query: '{ accounts { bill } }',
      data: { accounts: [{ bill: 'eu/t1/1' }, null, { bill: 'us/t1/2' }, { bill: null }] },
      asked: ['billing', 'core', 'front'],
    },
    {
      title: 'never resolves by a key that is not resolvable',
      query: '{ byEmail { haunted } }',
      data: { byEmail: [{ haunted: true }] },
      asked: ['core', 'front', 'ghosts'],
    },
    {
      title: 'leaves a subgraph by the key it cannot be entered with',
      query: '{ stub { haunted inbox } }',
      data: { stub: { haunted: false, inbox: 5 } },
    },
    {
      title: 'asks for the parent of an entity behind a join',
      query: '{ accounts { parent { id inbox } } }',
      data: { accounts: [{ parent: null }, null, { parent: { id: 'a1', inbox: 5 } }, { parent: null }] },
    },
    {
      title: 'joins three lists deep',
      query: '{ deep { email bill } }',
      data: {
        deep: [[[{ email: 'a@x', bill: 'eu/t1/1' }, null], null], [], null, [[], [{ email: null, bill: 'us/t1/2' }]]],
      },
    },
    {
      title: 'joins along a tree of value types',
      query: '{ tree { account { email } children { account { email } children { account { bill } } } } }',
      data: {
        tree: {
          account: { email: 'a@x' },
          children: [
            { account: null, children: [{ account: { bill: 'us/t1/2' } }] },
            { account: { email: 'a@x' }, children: [] },
          ],
        },
      },
    },
    {
      title: 'shows the parts of a nested key under aliases',
      query: '{ one(id: "a2") { t: tenant { r: region { c: code } } bill } }',
      data: { one: { t: { r: { c: 'us' } }, bill: 'us/t1/2' } },
    },
    {
      title: 'lets an alias hide a nested part of a key',
      query: '{ one(id: "a2") { tenant { id: __typename region { code: __typename } } bill } }',
      data: { one: { tenant: { id: 'Tenant', region: { code: 'Region' } }, bill: 'us/t1/2' } },
    },
    {
      title: 'asks for one entity once wherever it is',
      query: '{ a: one(id: "a1") { inbox } b: one(id: "a1") { inbox } }',
      data: { a: { inbox: 5 }, b: { inbox: 5 } },
    },
    {
      title: 'goes through all of them at once',
      query: '{ accounts { id bill inbox haunted email tenant { id } } }',
      data: {
        accounts: [
          { id: 'a1', bill: 'eu/t1/1', inbox: 5, haunted: true, email: 'a@x', tenant: { id: 't1' } },
          null,
          { id: 'a2', bill: 'us/t1/2', inbox: 0, haunted: null, email: null, tenant: { id: 't1' } },
          { id: 'a9', bill: null, inbox: null, haunted: null, email: null, tenant: null },
        ],
      },
    },
  ],
);

interface Animal {
  id: string;
  name: string;
  weight: number;
  home: { __typename: string; size?: number; depth?: number };
}

describeChecklist(
  '@requires on interfaces, unions and fragments',
  [
    {
      name: 'zoo',
      sdl: `type Query { animals: [Animal!]! cat: Cat }
        interface Animal { id: ID! name: String }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String weight: Int home: Home friend: Animal }
        type Fish implements Animal @key(fields: "id") { id: ID! name: String weight: Int home: Home friend: Animal }
        union Home = Basket | Tank
        type Basket { size: Int soft: Boolean }
        type Tank { depth: Int }`,
      query: {
        animals: [
          {
            __typename: 'Cat',
            id: 'c',
            name: 'Tom',
            weight: 4,
            home: { __typename: 'Basket', size: 2, soft: true },
            friend: { __typename: 'Fish', id: 'f', name: 'Nemo', weight: 1 },
          },
          {
            __typename: 'Fish',
            id: 'f',
            name: 'Nemo',
            weight: 1,
            home: { __typename: 'Tank', depth: 9 },
            friend: null,
          },
        ],
        cat: {
          id: 'c',
          name: 'Tom',
          weight: 4,
          home: null,
          friend: { __typename: 'Cat', id: 'c2', name: 'Tim', weight: 5 },
        },
      },
      entities: {
        Cat: [
          {
            id: 'c',
            name: 'Tom',
            weight: 4,
            home: { __typename: 'Basket', size: 2, soft: true },
            friend: { __typename: 'Fish', id: 'f', name: 'Nemo', weight: 1 },
          },
        ],
        Fish: [{ id: 'f', name: 'Nemo', weight: 1, home: { __typename: 'Tank', depth: 9 }, friend: null }],
      },
    },
    {
      name: 'vet',
      sdl: `interface Animal { id: ID! dose: String }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @external weight: Int @external home: Home @external friend: Animal @external
          dose: String @requires(fields: "weight") space: Int @requires(fields: "home { ... on Basket { size } ... on Tank { depth } }")
          pal: String @requires(fields: "friend { id ... on Cat { name } ... on Fish { weight } }") }
        type Fish implements Animal @key(fields: "id") { id: ID! weight: Int @external home: Home @external
          dose: String @requires(fields: "weight") space: Int @requires(fields: "home { __typename ... on Tank { depth } }") }
        union Home = Basket | Tank
        type Basket { size: Int @external }
        type Tank { depth: Int @external }`,
      fields: {
        Cat: {
          dose: ({ weight }: Animal) => `${weight} pills`,
          space: ({ home }: Animal) => home && (home.size ?? home.depth ?? -1),
          pal: ({ friend }: { friend: Animal | null }) =>
            friend && JSON.stringify([friend.id, friend.name ?? null, friend.weight ?? null]),
        },
        Fish: { dose: ({ weight }: Animal) => `${weight} drops`, space: ({ home }: Animal) => home?.depth ?? 0 },
      },
    },
  ],
  [
    {
      title: 'requires through an interface',
      query: '{ animals { name dose } }',
      data: {
        animals: [
          { name: 'Tom', dose: '4 pills' },
          { name: 'Nemo', dose: '1 drops' },
        ],
      },
    },
    {
      title: 'requires for one type only',
      query: '{ animals { id ... on Fish { dose } } }',
      data: { animals: [{ id: 'c' }, { id: 'f', dose: '1 drops' }] },
    },
    {
      title: 'requires fields of the members of a union',
      query: '{ animals { ... on Cat { space } ... on Fish { space } } }',
      data: { animals: [{ space: 2 }, { space: 9 }] },
    },
    {
      title: 'requires a null union',
      query: '{ cat { space dose } }',
      data: { cat: { space: null, dose: '4 pills' } },
    },
    {
      title: 'requires fields of the types of an interface',
      query: '{ animals { ... on Cat { pal } } }',
      data: { animals: [{ pal: '["f",null,1]' }, {}] },
    },
    { title: 'requires them of the other type', query: '{ cat { pal } }', data: { cat: { pal: '["c2","Tim",null]' } } },
    {
      title: 'shows of a required union what the client asks',
      query: '{ animals { ... on Cat { space home { __typename ... on Basket { soft } } } } }',
      data: { animals: [{ space: 2, home: { __typename: 'Basket', soft: true } }, {}] },
    },
    {
      title: 'hides nothing the client aliases over a required union',
      query: '{ animals { ... on Cat { home: name space } } }',
      data: { animals: [{ home: 'Tom', space: 2 }, {}] },
      referenceDiffers: 'the planner reads the required field under its own name, where the client put something else',
    },
  ],
);
