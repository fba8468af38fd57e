import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineUnderTest, openEngine, toJson } from '../../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../../support/federation-planner.ts';
import { createReferenceEngine, type ReferenceEngine } from '../../../support/reference-engine.ts';

/** Composition lets this pass: nobody implements the interfaces where the other subgraph's stand-ins have no key to go by. */
const subgraphs = [
  {
    name: 'a',
    sdl: `type Query { a: Node list: [Node!]! product: Product }
      interface Node @key(fields: "id") { id: ID! }
      type Product @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
    resolvers: { Query: { product: () => ({ id: 'p1' }) } },
  },
  {
    name: 'b',
    sdl: `type Query { b: Node }
      type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }
      interface Product @key(fields: "id") { id: ID! name: String! }
      type Bread implements Product @key(fields: "id") { id: ID! name: String! }`,
    resolvers: {
      Query: { b: () => ({ id: 'n1', field: 'foo' }) },
      Product: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Bread', id, name: 'rye' }) },
    },
  },
];

describe('a field no plan leads to', () => {
  let ours: EngineUnderTest;
  let reference: ReferenceEngine;
  beforeAll(async () => {
    ours = await openEngine(subgraphs, { planner: createInProcessPlanner });
    // graphql-js cannot answer for an interface without types; services in other languages can.
    ours.graph.intercept(({ subgraph, operation }) => {
      if (subgraph !== 'a' || operation.text.includes('product')) return undefined;
      const node = { __typename: 'Node', id: 'n1' };
      return { data: { list: [node], a: node } };
    });
    reference = await createReferenceEngine(ours.graph);
  });
  afterAll(() => Promise.all([ours.engine.close(), reference.close()]));
  const codes = async (query: string, variables = {}) => {
    const { data, errors = [] } = await ours.run({ query, variables });
    return { data, errors: errors.map(({ path, extensions }) => [path, extensions['code']]) };
  };

  it('is answered with an error, its siblings with their values', async () => {
    expect(await codes('{ b { id field } }')).toEqual({ data: { b: { id: 'n1', field: 'foo' } }, errors: [] });
    expect(await codes('{ product { ... on Bread { id name } } }')).toEqual({
      data: { product: { id: 'p1', name: 'rye' } },
      errors: [],
    });
    expect(await codes('{ b { id } a { id field } list { x: field ... on Node { id } } }')).toEqual({
      data: { b: { id: 'n1' }, a: { id: 'n1', field: null }, list: [{ x: null, id: 'n1' }] },
      errors: [
        [['a', 'field'], 'FIELD_UNREACHABLE'],
        [['list', 'x'], 'FIELD_UNREACHABLE'],
      ],
    });
  });

  it('is null without a word from the planner as it is', async () => {
    const { data, errors } = await reference.run({ query: '{ b { id } a { field } }', variables: {} });
    expect([toJson(data), errors?.length ?? 0]).toEqual([{ a: null, b: { id: 'n1' } }, 0]);
    expect((await codes('{ b { id } a { field } }')).errors).toEqual([[['a'], 'FIELD_UNREACHABLE']]);
  });

  it('is no error where the variables leave it out', async () => {
    const query = 'query($on: Boolean!) { b { id } a { field @include(if: $on) } }';
    expect((await codes(query, { on: false })).errors).toEqual([]);
    expect((await codes(query, { on: true })).errors).toEqual([[['a', 'field'], 'FIELD_UNREACHABLE']]);
    expect((await codes('{ b { id field @skip(if: true) } a { field @include(if: false) } }')).errors).toEqual([]);
  });
});
