import { describeRepair } from './repair-cases.ts';

const factor = (currency: string) => (currency === 'USD' ? 2 : 1);
interface Item {
  readonly id: string;
  readonly price: number;
}
const items = [
  { __typename: 'Book', id: 'i1' },
  { __typename: 'Pen', id: 'i2' },
];
const price = ({ id }: Item, { currency }: { currency: string }) => (id === 'i1' ? 10 : 20) * factor(currency);

const shop = [
  {
    name: 'prices',
    sdl: `type Query { book: Book items: [Item!]! box: Box }
      interface Item { id: ID! price(currency: Currency! = EUR): Int! }
      type Book implements Item @key(fields: "id") { id: ID! price(currency: Currency! = EUR): Int! }
      type Pen implements Item @key(fields: "id") { id: ID! price(currency: Currency! = EUR): Int! }
      type Box @key(fields: "id") { id: ID! content: Book! parts(first: Int!): [Part!]! }
      type Part { name: String! weight(unit: String!): Int! }
      enum Currency { EUR USD }`,
    resolvers: {
      Query: {
        book: () => items[0],
        items: () => items,
        box: () => ({ id: 'b1', content: items[0] }),
      },
      Book: { price, __resolveReference: ({ id }: Item) => ({ id }) },
      Pen: { price, __resolveReference: ({ id }: Item) => ({ id }) },
      Box: {
        __resolveReference: ({ id }: Item) => ({ id, content: items[0] }),
        parts: (_: unknown, { first }: { first: number }) =>
          ['lid', 'floor', 'wall'].slice(0, first).map((name) => ({ name })),
      },
      Part: {
        weight: ({ name }: { name: string }, { unit }: { unit: string }) => name.length * (unit === 'g' ? 1000 : 1),
      },
    },
  },
  {
    name: 'taxes',
    sdl: `interface Item { id: ID! }
      type Book implements Item @key(fields: "id") { id: ID! price(currency: Currency! = EUR): Int! @external
        usTax(rate: Int! = 1): Int! @requires(fields: "price(currency: USD)")
        euTax(rate: Int! = 1): Int! @requires(fields: "price(currency: EUR)")
        tax: Int! @requires(fields: "price") }
      type Pen implements Item @key(fields: "id") { id: ID! price(currency: Currency! = EUR): Int! @external
        usTax(rate: Int! = 1): Int! @requires(fields: "price(currency: USD)") }
      type Box @key(fields: "id") { id: ID! content: Book! @external parts(first: Int!): [Part!]! @external
        duty: Int! @requires(fields: "content { price(currency: USD) }")
        euDuty: Int! @requires(fields: "content { price(currency: EUR) }")
        weight: Int! @requires(fields: "parts(first: 2) { weight(unit: \\"g\\") }")
        label: String! @requires(fields: "parts(first: 3) { name weight(unit: \\"kg\\") }") }
      type Part { name: String! @external weight(unit: String!): Int! @external }
      enum Currency { EUR USD }`,
    resolvers: {
      Book: {
        usTax: (item: Item, { rate }: { rate: number }) => item.price * rate,
        euTax: (item: Item, { rate }: { rate: number }) => item.price * rate,
        tax: (item: Item) => item.price,
      },
      Pen: { usTax: (item: Item, { rate }: { rate: number }) => item.price * rate },
      Box: {
        duty: ({ content }: { content: Item }) => content.price,
        euDuty: ({ content }: { content: Item }) => content.price,
        weight: ({ parts }: { parts: { weight: number }[] }) => parts.reduce((sum, { weight }) => sum + weight, 0),
        label: ({ parts }: { parts: { name: string; weight: number }[] }) =>
          parts.map(({ name, weight }) => `${name}:${weight}`).join(),
      },
    },
  },
];

describeRepair('requirements with arguments', shop, [
  {
    title: 'are asked with theirs, whatever the client asks',
    query: '{ book { price(currency: EUR) usTax } }',
    data: { book: { price: 10, usTax: 20 } },
  },
  {
    title: 'are asked with theirs, when the client asks by a variable',
    query: 'query($c: Currency!) { book { price(currency: $c) usTax euTax } }',
    variables: { c: 'EUR' },
    data: { book: { price: 10, usTax: 20, euTax: 10 } },
  },
  {
    title: 'go into fetches of their own where they differ',
    query: '{ book { usTax euTax tax } }',
    data: { book: { usTax: 20, euTax: 10, tax: 10 } },
  },
  {
    title: 'take the client variables along that each needs, and no others',
    query: 'query($a: Int!, $b: Int!) { book { usTax(rate: $a) euTax(rate: $b) } }',
    variables: { a: 3, b: 5 },
    data: { book: { usTax: 60, euTax: 50 } },
  },
  {
    title: 'work in fragments of an interface',
    query:
      '{ items { id price(currency: EUR) ...B ... on Pen { usTax } } } fragment B on Book { p: price(currency: USD) usTax euTax }',
    data: {
      items: [
        { id: 'i1', price: 10, p: 20, usTax: 20, euTax: 10 },
        { id: 'i2', price: 20, usTax: 40 },
      ],
    },
  },
  {
    title: 'work inside required objects',
    query: '{ box { content { price(currency: EUR) } duty euDuty } }',
    data: { box: { content: { price: 10 }, duty: 20, euDuty: 10 } },
  },
  {
    title: 'work on lists and at two levels at once',
    query: '{ box { parts(first: 1) { name weight(unit: "g") } weight label } }',
    data: {
      box: { parts: [{ name: 'lid', weight: 3000 }], weight: 8000, label: 'lid:3,floor:5,wall:4' },
    },
  },
  {
    title: 'hand over what a condition lets through, and nothing else',
    query:
      'query($on: Boolean!) { book { usTax @skip(if: $on) tax @include(if: $on) id } box { duty @include(if: $on) weight } }',
    variables: { on: true },
    data: { book: { tax: 10, id: 'i1' }, box: { duty: 20, weight: 8000 } },
    // Apollo's executor hands over what is there; a representation of ours is whole.
    plannerIsRight: true,
  },
  {
    title: 'stay one fetch where there is but one',
    query: '{ book { usTax } }',
    data: { book: { usTax: 20 } },
    plannerIsRight: true,
  },
]);

describeRepair(
  'client arguments beside a requirement without',
  [
    {
      name: 'people',
      sdl: `type Query { me: Person shelf: Shelf }
        type Person @key(fields: "id") { id: ID! name(upper: Boolean): String! boss: Person }
        type Shelf @key(fields: "id") { id: ID! owner: Person @provides(fields: "nick") }
        extend type Person { nick: String @external }`,
      resolvers: {
        Query: { me: () => ({ id: 'p1' }), shelf: () => ({ id: 's1', owner: { id: 'p2', nick: 'bo' } }) },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          name: ({ id }: { id: string }, { upper }: { upper?: boolean }) => (upper ? id.toUpperCase() : id),
          boss: () => ({ id: 'p2' }),
          nick: () => 'bo',
        },
      },
    },
    {
      name: 'cards',
      sdl: `type Person @key(fields: "id") { id: ID! nick: String @shareable name(upper: Boolean): String! @external
          card: String! @requires(fields: "name") }`,
      resolvers: { Person: { card: ({ name }: { name: string }) => `card of ${name}` } },
    },
  ],
  [
    {
      title: 'survive',
      query: '{ me { name(upper: true) card } }',
      data: { me: { name: 'P1', card: 'card of p1' } },
    },
    {
      title: 'survive at another level, in a fragment, and under a provided object',
      query:
        '{ me { boss { ...N } card } shelf { owner { ...N nick } } } fragment N on Person { name(upper: true) card }',
      data: {
        me: { boss: { name: 'P2', card: 'card of p2' }, card: 'card of p1' },
        shelf: { owner: { name: 'P2', card: 'card of p2', nick: 'bo' } },
      },
    },
  ],
);
