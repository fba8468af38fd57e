import { createTestGraph, type TestGraph } from '../../support/test-subgraphs.ts';

/** Version `number` of a graph: `version` says which it is, `only<number>` exists in no other, `slow` takes a while. */
export function graphOfVersion(number: number, slowMs = 50): TestGraph {
  const only = `only${number}`;
  return createTestGraph([
    {
      name: 'things',
      sdl: `
        type Query { version: Int!  thing(id: ID!): Thing  slow: Int!  ${only}: Int! }
        type Thing @key(fields: "id") { id: ID!  name: String! }`,
      resolvers: {
        Query: {
          version: () => number,
          thing: (_: never, { id }: { id: string }) => ({ id, name: `thing ${id}` }),
          slow: () => new Promise((resolve) => setTimeout(() => resolve(number), slowMs)),
          [only]: () => number,
        },
      },
    },
    {
      name: 'prices',
      sdl: `type Thing @key(fields: "id") { id: ID!  price: Int! }`,
      resolvers: { Thing: { price: () => 100 + number } },
    },
  ]);
}
