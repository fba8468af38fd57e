import { describeChecklist } from '../../support/federation-checklist.ts';

const reviews = [
  {
    id: 'r1',
    text: 'Good',
    author: { id: 'u1', name: 'Ann', address: { city: 'Rome', zip: '1' } },
    about: { __typename: 'Book', id: 'b1', title: 'Dune' },
  },
  { id: 'r2', text: 'Bad', author: null, about: { __typename: 'Film', id: 'f1', title: 'Alien' } },
];

describeChecklist(
  '@provides',
  [
    {
      name: 'reviews',
      sdl: `type Query { reviews: [Review!]! @provides(fields: "author { name address { city } }") plain: [Review!]! best: Review
          media: [Media!]! @provides(fields: "... on Book { title }") hit: Hit @provides(fields: "... on Book { title } ... on Film { title }") }
        type Review @key(fields: "id") { id: ID! text: String author: User @provides(fields: "name") about: Media
          subject: Hit }
        type User @key(fields: "id") { id: ID! name: String @external address: Address @external }
        type Address @shareable { city: String zip: String }
        interface Media { id: ID! title: String }
        union Hit = Book | Film
        type Book implements Media @key(fields: "id") { id: ID! title: String @external }
        type Film implements Media @key(fields: "id") { id: ID! title: String @external }`,
      query: {
        reviews,
        plain: reviews,
        best: reviews[0],
        media: [
          { __typename: 'Book', id: 'b1', title: 'Dune' },
          { __typename: 'Film', id: 'f1' },
        ],
        hit: { __typename: 'Film', id: 'f1', title: 'Alien' },
      },
      entities: { Review: reviews },
    },
    {
      name: 'users',
      sdl: `type Query { user: User }
        type User @key(fields: "id") { id: ID! name: String @shareable address: Address @shareable age: Int }
        type Address @shareable { city: String zip: String }`,
      query: { user: { id: 'u1', name: 'Ann', address: { city: 'Rome', zip: '1' }, age: 30 } },
      entities: { User: [{ id: 'u1', name: 'Ann', address: { city: 'Rome', zip: '1' }, age: 30 }] },
    },
    {
      name: 'library',
      sdl: `interface Media { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String @shareable pages: Int }
        type Film implements Media @key(fields: "id") { id: ID! title: String @shareable minutes: Int }`,
      entities: {
        Book: [{ id: 'b1', title: 'Dune', pages: 412 }],
        Film: [{ id: 'f1', title: 'Alien', minutes: 117 }],
      },
    },
  ],
  [
    {
      title: 'takes a provided field where it is',
      query: '{ best { author { id name } } }',
      data: { best: { author: { id: 'u1', name: 'Ann' } } },
      asked: ['reviews'],
    },
    {
      title: 'takes a nested provided field where it is',
      query: '{ reviews { author { name address { city } } } }',
      data: { reviews: [{ author: { name: 'Ann', address: { city: 'Rome' } } }, { author: null }] },
      asked: ['reviews'],
    },
    {
      title: 'asks the owner for the rest of a provided object',
      query: '{ reviews { author { address { city zip } } } }',
      data: { reviews: [{ author: { address: { city: 'Rome', zip: '1' } } }, { author: null }] },
    },
    {
      title: 'asks the owner where the path provides nothing',
      query: '{ plain { author { address { city } } } }',
      data: { plain: [{ author: { address: { city: 'Rome' } } }, { author: null }] },
      asked: ['reviews', 'users'],
    },
    {
      title: 'asks the owner for what is not provided, beside what is',
      query: '{ best { author { name age } } }',
      data: { best: { author: { name: 'Ann', age: 30 } } },
      asked: ['reviews', 'users'],
    },
    {
      title: 'takes a field provided for one type of an interface, and asks for the other',
      query: '{ media { __typename title } }',
      data: {
        media: [
          { __typename: 'Book', title: 'Dune' },
          { __typename: 'Film', title: 'Alien' },
        ],
      },
      asked: ['library', 'reviews'],
    },
    {
      title: 'asks nobody for what is provided for one type',
      query: '{ media { id ... on Book { title } } }',
      data: { media: [{ id: 'b1', title: 'Dune' }, { id: 'f1' }] },
      asked: ['reviews'],
    },
    {
      title: 'takes fields provided on a union',
      query: '{ hit { ... on Book { title } ... on Film { title } } }',
      data: { hit: { title: 'Alien' } },
      asked: ['reviews'],
    },
    {
      title: 'asks for what a union does not provide',
      query: '{ hit { ... on Film { title minutes } ... on Book { pages } } }',
      data: { hit: { title: 'Alien', minutes: 117 } },
      asked: ['library', 'reviews'],
    },
    {
      title: 'asks for the title of media that nobody provides',
      query: '{ plain { about { title } } }',
      data: { plain: [{ about: { title: 'Dune' } }, { about: { title: 'Alien' } }] },
      asked: ['library', 'reviews'],
    },
  ],
);

describeChecklist(
  '@shareable, @override, @inaccessible and value types',
  [
    {
      name: 'a',
      sdl: `type Query { me: User @shareable top: [User!]! level: Level now: Clock @shareable secretive: Secretive inner: Inner }
        type User @key(fields: "id") { id: ID! name: String @shareable old: String note: Note! secret: String @inaccessible
          onlyA: Int moved: String kept: String }
        type Note @shareable { text: String author: String lines: [String!] }
        type Clock @shareable { hour: Int zone: Zone }
        type Zone @shareable { name: String }
        type Secretive @inaccessible { x: Int }
        type Inner { seen: Int hidden: Int @inaccessible deep: Inner }
        enum Level { LOW HIGH }`.replace(' secretive: Secretive', ' secretive: Secretive @inaccessible'),
      query: {
        me: {
          id: 'u1',
          name: 'Ann',
          old: 'a',
          note: { text: 't', author: 'Ann', lines: ['1'] },
          onlyA: 1,
          moved: 'a',
          kept: 'a',
        },
        top: [
          { id: 'u1', name: 'Ann', old: 'a', note: { text: 't', author: 'Ann', lines: null }, moved: 'a', kept: 'a' },
        ],
        level: 'HIGH',
        now: { hour: 1, zone: { name: 'UTC' } },
        inner: { seen: 1, hidden: 2, deep: { seen: 3, hidden: 4, deep: null } },
      },
      entities: {
        User: [
          { id: 'u1', name: 'Ann', note: { text: 't', author: 'Ann', lines: ['1'] }, onlyA: 1, moved: 'a', kept: 'a' },
        ],
      },
    },
    {
      name: 'b',
      sdl: `type Query { me: User @shareable latest: Note now: Clock @shareable }
        type User @key(fields: "id") { id: ID! name: String @shareable old: String @override(from: "a") onlyB: Int
          moved: String @override(from: "a", label: "percent(100)") kept: String @override(from: "a", label: "percent(0)") }
        type Note @shareable { text: String author: String lines: [String!] }
        type Clock @shareable { hour: Int zone: Zone }
        type Zone @shareable { name: String }`,
      query: {
        me: { id: 'u1', name: 'Ann', old: 'b', onlyB: 2, moved: 'b', kept: 'b' },
        latest: { text: 'n', author: 'Bob', lines: [] },
        now: { hour: 1, zone: { name: 'UTC' } },
      },
      entities: { User: [{ id: 'u1', name: 'Ann', old: 'b', onlyB: 2, moved: 'b', kept: 'b' }] },
    },
  ],
  [
    { title: 'reads a shared field from one subgraph only', query: '{ me { name } }', data: { me: { name: 'Ann' } } },
    {
      title: 'gathers a shared root field from both subgraphs',
      query: '{ me { name onlyA onlyB } }',
      data: { me: { name: 'Ann', onlyA: 1, onlyB: 2 } },
      asked: ['a', 'b'],
    },
    {
      title: 'takes an overridden field from its new owner',
      query: '{ top { old } }',
      data: { top: [{ old: 'b' }] },
      asked: ['a', 'b'],
    },
    {
      title: 'takes a field moved by all from its new owner',
      query: '{ top { moved } }',
      data: { top: [{ moved: 'b' }] },
      referenceDiffers: 'it evaluates no labels',
    },
    {
      title: 'leaves a field moved by none with its old owner',
      query: '{ top { kept } }',
      data: { top: [{ kept: 'a' }] },
      asked: ['a'],
    },
    {
      title: 'reads a value type from either subgraph',
      query: '{ latest { text author lines } me { note { text lines } } }',
      data: { latest: { text: 'n', author: 'Bob', lines: [] }, me: { note: { text: 't', lines: ['1'] } } },
    },
    {
      title: 'reads a nested value type of a shared root',
      query: '{ now { hour zone { name } } }',
      data: { now: { hour: 1, zone: { name: 'UTC' } } },
    },
    { title: 'passes an enum value', query: '{ level }', data: { level: 'HIGH' } },
    {
      title: 'reads beside a hidden field, at every depth',
      query: '{ inner { seen deep { seen deep { seen } } } }',
      data: { inner: { seen: 1, deep: { seen: 3, deep: null } } },
    },
    {
      title: 'does not show hidden fields to introspection',
      query: '{ a: __type(name: "Inner") { fields { name } } b: __type(name: "Secretive") { name } }',
      data: { a: { fields: [{ name: 'seen' }, { name: 'deep' }] }, b: null },
    },
  ],
);
