import { describeChecklist } from '../../support/federation-checklist.ts';

const log: string[] = [];
const note = (text: string) => {
  log.push(text);
  return log.length;
};
const items = [
  { id: 'i1', label: 'One' },
  { id: 'i2', label: 'Two' },
];

describeChecklist(
  'operations over split root types',
  [
    {
      name: 'left',
      sdl: `type Query { left: Int list: [Item!]! item(id: ID! = "i1"): Item echo(text: String, list: [Int!], in: Form, deep: [[Level!]]): String! json: Json self: Query }
        type Mutation { addLeft(n: Int!): Added! clear: Boolean }
        type Added @shareable { count: Int! item: Item }
        type Item @key(fields: "id") { id: ID! label: String }
        input Form { a: Int = 5 b: [String] level: Level = LOW both: String }
        enum Level { LOW HIGH }
        scalar Json`,
      query: {
        left: 1,
        list: items,
        item: ({ id }: { id: string }) => items.find((item) => item.id === id) ?? null,
        echo: (args: unknown) => JSON.stringify(args),
        json: { a: [1, { __typename: 'X', b: null }], __proto__x: 1 },
        self: {},
      },
      mutation: {
        addLeft: ({ n }: { n: number }) => ({ count: note(`left${n}`), item: items[0] }),
        clear: () => {
          log.length = 0;
          return true;
        },
      },
      entities: { Item: items },
    },
    {
      name: 'right',
      sdl: `type Query { right(level: Level): String log: [String!]! }
        type Mutation { addRight(n: Int!): Added! }
        type Added @shareable { count: Int! item: Item }
        type Item @key(fields: "id") { id: ID! stock: Int price(in: Form): String }
        input Form { a: Int = 5 b: [String] level: Level = LOW only: String both: String }
        enum Level { LOW HIGH }`,
      query: { right: ({ level }: { level?: string }) => level ?? 'none', log: () => [...log] },
      mutation: { addRight: ({ n }: { n: number }) => ({ count: note(`right${n}`), item: { id: 'i2' } }) },
      fields: {
        Item: {
          stock: ({ id }: { id: string }) => (id === 'i1' ? 10 : null),
          price: (_: unknown, args: unknown) => JSON.stringify(args),
        },
      },
    },
  ],
  [
    {
      title: 'reads both root types',
      query: '{ left right }',
      data: { left: 1, right: 'none' },
      asked: ['left', 'right'],
    },
    {
      title: 'keeps the order of the client over subgraphs',
      query: '{ right left again: right }',
      data: { right: 'none', left: 1, again: 'none' },
    },
    {
      title: 'answers __typename alone without asking anybody',
      query: '{ __typename }',
      data: { __typename: 'Query' },
      asked: [],
    },
    {
      title: 'answers __typename of a mutation root',
      query: 'mutation { __typename clear }',
      data: { __typename: 'Mutation', clear: true },
    },
    {
      title: 'goes into the root again through a field',
      query: '{ self { left right self { __typename } } }',
      data: { self: { left: 1, right: 'none', self: { __typename: 'Query' } } },
    },
    {
      title: 'runs mutations in order over subgraphs',
      query: 'mutation { clear a: addLeft(n: 1) { count } b: addRight(n: 2) { count } c: addLeft(n: 3) { count } }',
      data: { clear: true, a: { count: 1 }, b: { count: 2 }, c: { count: 3 } },
      asked: ['left', 'left', 'right'],
    },
    {
      title: 'follows entities out of a mutation',
      query: 'mutation { clear addRight(n: 9) { item { label stock } } }',
      data: { clear: true, addRight: { item: { label: 'Two', stock: null } } },
    },
    {
      title: 'finishes what a mutation returns while the next has not begun',
      query: 'mutation { clear addLeft(n: 1) { count item { stock } } addRight(n: 2) { count item { label } } }',
      data: { clear: true, addLeft: { count: 1, item: { stock: 10 } }, addRight: { count: 2, item: { label: 'Two' } } },
    },
    {
      title: 'chooses an operation by name',
      query: 'query A { left } query B { right }',
      operationName: 'B',
      data: { right: 'none' },
    },
    { title: 'uses the default of an argument', query: '{ item { label } }', data: { item: { label: 'One' } } },
    {
      title: 'uses the default of a variable instead',
      query: 'query($id: ID! = "i2") { item(id: $id) { label } }',
      data: { item: { label: 'Two' } },
    },
    {
      title: 'leaves an absent variable out',
      query: 'query($text: String) { echo(text: $text) }',
      data: { echo: '{}' },
    },
    {
      title: 'hands an explicit null over',
      query: 'query($text: String) { echo(text: $text) }',
      variables: { text: null },
      data: { echo: '{"text":null}' },
    },
    { title: 'coerces a single value to a list', query: '{ echo(list: 3) }', data: { echo: '{"list":[3]}' } },
    {
      title: 'coerces a variable to a list',
      query: 'query($list: [Int!]) { echo(list: $list) }',
      variables: { list: 4 },
      data: { echo: '{"list":[4]}' },
    },
    {
      title: 'fills in the defaults of an input object',
      query: '{ echo(in: { b: ["x", null] }) }',
      data: { echo: '{"in":{"a":5,"b":["x",null],"level":"LOW"}}' },
    },
    {
      title: 'fills in the defaults of an input object in a variable',
      query: 'query($in: Form) { echo(in: $in) }',
      variables: { in: { level: 'HIGH' } },
      data: { echo: '{"in":{"a":5,"level":"HIGH"}}' },
    },
    {
      title: 'uses variables inside input objects',
      query: 'query($a: Int, $l: Level) { echo(in: { a: $a, level: $l, b: ["y"] }) }',
      variables: { l: 'HIGH' },
      data: { echo: '{"in":{"a":5,"b":["y"],"level":"HIGH"}}' },
    },
    {
      title: 'passes lists of lists of enum values',
      query: '{ echo(deep: [[LOW, HIGH], [], null]) }',
      data: { echo: '{"deep":[["LOW","HIGH"],[],null]}' },
    },
    {
      title: 'passes an enum in a variable',
      query: 'query($l: Level) { right(level: $l) }',
      variables: { l: 'HIGH' },
      data: { right: 'HIGH' },
    },
    {
      title: 'passes an input that both subgraphs know through an entity',
      query: '{ item { price(in: { both: "x" }) } }',
      data: { item: { price: '{"in":{"a":5,"level":"LOW","both":"x"}}' } },
    },
    {
      title: 'shows clients only the fields of an input that all subgraphs know',
      query: '{ __type(name: "Form") { inputFields { name } } }',
      data: { __type: { inputFields: [{ name: 'a' }, { name: 'b' }, { name: 'level' }, { name: 'both' }] } },
    },
    {
      title: 'leaves a custom scalar as it is',
      query: '{ json }',
      data: { json: { a: [1, { __typename: 'X', b: null }], __proto__x: 1 } },
    },
    {
      title: 'skips by a variable',
      query: 'query($on: Boolean!) { left @skip(if: $on) right @include(if: $on) }',
      variables: { on: true },
      data: { right: 'none' },
      asked: ['right'],
    },
    {
      title: 'includes by a default',
      query: 'query($on: Boolean = true) { left @include(if: $on) }',
      data: { left: 1 },
    },
    {
      title: 'skips by a literal',
      query: '{ left right @skip(if: true) list { id @include(if: false) label } }',
      data: { left: 1, list: [{ label: 'One' }, { label: 'Two' }] },
    },
    {
      title: 'takes both directives on one field',
      query: 'query($a: Boolean!, $b: Boolean!) { x: left @skip(if: $a) @include(if: $b) y: left @include(if: $b) }',
      variables: { a: true, b: true },
      data: { y: 1 },
    },
    {
      title: 'skips a fetch behind an entity',
      query: 'query($on: Boolean!) { list { id stock @include(if: $on) } }',
      variables: { on: false },
      data: { list: [{ id: 'i1' }, { id: 'i2' }] },
      asked: ['left'],
    },
    {
      title: 'keeps a field that one of two selections skips',
      query: 'query($on: Boolean!) { item { stock @skip(if: $on) ... on Item { stock } } }',
      variables: { on: true },
      data: { item: { stock: 10 } },
    },
    {
      title: 'knows an object whose fields are all skipped',
      query: 'query($on: Boolean!) { item { stock @skip(if: $on) } }',
      variables: { on: true },
      data: { item: {} },
    },
    {
      title: 'merges fields of fragments',
      query: 'query Q { item { ...A ...B } } fragment A on Item { stock label } fragment B on Item { label id stock }',
      data: { item: { stock: 10, label: 'One', id: 'i1' } },
    },
    {
      title: 'uses a fragment on the root',
      query: '{ ...R ... on Query { right } } fragment R on Query { left item { stock } }',
      data: { left: 1, item: { stock: 10 }, right: 'none' },
    },
    {
      title: 'takes a fragment inside a fragment inside a fragment',
      query: '{ ...A } fragment A on Query { item { ...B } } fragment B on Item { ...C } fragment C on Item { stock }',
      data: { item: { stock: 10 } },
    },
    {
      title: 'reads one field under many aliases',
      query: '{ a: left b: left c: item { d: stock e: label } f: item(id: "i2") { d: label } }',
      data: { a: 1, b: 1, c: { d: 10, e: 'One' }, f: { d: 'Two' } },
    },
    {
      title: 'introspects beside data',
      query: '{ left __schema { queryType { name } } }',
      data: { left: 1, __schema: { queryType: { name: 'Query' } } },
    },
    {
      title: 'knows no field of the federation',
      query: '{ __type(name: "Query") { fields { name } } a: __type(name: "_Entity") { name } }',
      data: {
        __type: { fields: ['left', 'list', 'item', 'echo', 'json', 'self', 'right', 'log'].map((name) => ({ name })) },
        a: null,
      },
    },
  ],
);

describeChecklist(
  'Federation 1 subgraphs',
  [
    {
      name: 'accounts',
      sdl: `# Federation 1: no @link( here
        extend type Query { me: User people: [User] }
        type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String }`,
      query: { me: { id: '1', email: 'a@x', name: 'Ann' }, people: [{ id: '1', email: 'a@x', name: 'Ann' }, null] },
      entities: { User: [{ id: '1', email: 'a@x', name: 'Ann' }] },
    },
    {
      name: 'reviews',
      sdl: `# Federation 1: no @link( here
        extend type Query { top: Review }
        extend type User @key(fields: "id") { id: ID! @external name: String @external reviews: [Review] badge: String @requires(fields: "name") }
        extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }
        type Review { body: String author: User @provides(fields: "name") product: Product }`,
      query: { top: { body: 'Good', author: { id: '1', name: 'Ann' }, product: { upc: 'p1' } } },
      fields: {
        User: {
          reviews: () => [{ body: 'Good', author: { id: '1', name: 'Ann' }, product: { upc: 'p1' } }],
          badge: ({ name }: { name: string }) => `* ${name}`,
        },
        Product: { reviews: () => [{ body: 'Fine', author: { id: '1', name: 'Ann' }, product: { upc: 'p1' } }] },
      },
    },
    {
      name: 'products',
      sdl: `# Federation 1: no @link( here
        type Query { product(upc: String!): Product }
        type Product @key(fields: "upc") { upc: String! price: Int }`,
      query: { product: ({ upc }: { upc: string }) => ({ upc, price: 3 }) },
      entities: { Product: [{ upc: 'p1', price: 3 }] },
    },
  ],
  [
    {
      title: 'joins an extended type',
      query: '{ me { name reviews { body } } }',
      data: { me: { name: 'Ann', reviews: [{ body: 'Good' }] } },
    },
    { title: 'requires an external field', query: '{ me { badge } }', data: { me: { badge: '* Ann' } } },
    {
      title: 'takes a provided field',
      query: '{ top { author { id name } } }',
      data: { top: { author: { id: '1', name: 'Ann' } } },
      asked: ['reviews'],
    },
    {
      title: 'goes over three subgraphs',
      query: '{ me { reviews { product { price reviews { body } } } } }',
      data: { me: { reviews: [{ product: { price: 3, reviews: [{ body: 'Fine' }] } }] } },
    },
    {
      title: 'keeps holes',
      query: '{ people { name badge } }',
      data: { people: [{ name: 'Ann', badge: '* Ann' }, null] },
    },
    {
      title: 'merges extended root types',
      query: '{ me { id } top { body } product(upc: "p1") { price } }',
      data: { me: { id: '1' }, top: { body: 'Good' }, product: { price: 3 } },
    },
    { title: 'reads a second key', query: '{ top { author { email } } }', data: { top: { author: { email: 'a@x' } } } },
  ],
);
