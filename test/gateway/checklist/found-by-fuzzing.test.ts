import { describeChecklist } from '../../support/federation-checklist.ts';

describeChecklist(
  'counterexamples of the fuzzer, shrunk: interface objects',
  [
    {
      name: 'owner',
      sdl: `type Query { t: T1 } interface Thing @key(fields: "id") { id: ID! }
        type T1 implements Thing @key(fields: "id") { id: ID! } type T2 implements Thing @key(fields: "id") { id: ID! }`,
      entities: { Thing: [{ __typename: 'T1', id: 'a' }] },
    },
    {
      name: 'viewer',
      sdl: `type Query { thing: Thing things: [Thing!]! } type Thing @key(fields: "id") @interfaceObject { id: ID! h1: Int }`,
      query: { thing: { id: 'a', h1: 1 }, things: [{ id: 'a', h1: 1 }] },
    },
  ],
  [
    {
      title: 'shapes an object of which nobody asks the type',
      query: '{ thing { id h1 } }',
      data: { thing: { id: 'a', h1: 1 } },
      asked: ['viewer'],
    },
    {
      title: 'shapes it though a skipped fragment would need the type',
      query: 'query($on: Boolean!) { things { ... on T1 @include(if: $on) { id } id } }',
      variables: { on: false },
      data: { things: [{ id: 'a' }] },
    },
  ],
);

const texts = ['ünïcode ✓', '😀', '\u2028', 'quo"te', 'back\\slash', 'line\nbreak'];

describeChecklist(
  'counterexamples of the fuzzer, shrunk: requirements',
  [
    {
      name: 'alpha',
      sdl: 'type Query { e: E } type E @key(fields: "id") { id: ID! }',
      query: { e: { id: 'ключ' } },
    },
    {
      name: 'beta',
      sdl: `type E @key(fields: "id") { id: ID! texts: [String!]! last: String @requires(fields: "numbers") numbers: [[Float]!] @external
        left: Int @requires(fields: "weight") weight: Int @external right: [[E]] }`,
      fields: {
        E: {
          texts: () => texts,
          last: ({ numbers }: { numbers: unknown }) => JSON.stringify(numbers),
          left: ({ weight }: { weight: number }) => weight,
          right: ({ id }: { id: string }) => [[{ id }], [null]],
        },
      },
    },
    {
      name: 'gamma',
      sdl: `type E @key(fields: "id") { id: ID! weight: Int
        echo: String @requires(fields: "texts") numbers: [[Float]!] texts: [String!]! @external }`,
      fields: {
        E: {
          weight: () => 7,
          echo: ({ id, texts: told }: { id: string; texts: string[] }) => `${id}${told.join('|')}`,
          numbers: () => [[3.2e29, -5.375, null], [], [1e21]],
        },
      },
    },
  ],
  [
    {
      title: 'hands text that is not ASCII from one subgraph to the next',
      query: '{ e { echo } }',
      data: { e: { echo: `ключ${texts.join('|')}` } },
    },
    {
      title: 'hands numbers on as they are',
      query: '{ e { last } }',
      data: { e: { last: '[[3.2e+29,-5.375,null],[],[1e+21]]' } },
    },
    {
      title: 'keeps a field beside one whose requirement is skipped',
      query: 'query($on: Boolean!) { e { left @include(if: $on) right { id } } }',
      variables: { on: false },
      data: { e: { right: [[{ id: 'ключ' }], [null]] } },
    },
  ],
);
