import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { contextOf, openEngine, toJson } from '../../support/federation-cases.ts';
import { createTestGraph, type TestSubgraph } from '../../support/test-subgraphs.ts';

/** What Apollo's planner makes of an operation, repaired by nobody. */
function planOf(subgraphs: readonly TestSubgraph[], query: string): string {
  const supergraph = Supergraph.build(createTestGraph(subgraphs).supergraphSdl, { supportedFeatures: null });
  const planner = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } });
  const operation = operationFromDocument(supergraph.apiSchema(), parse(query), { validate: false });
  return JSON.stringify(planner.buildQueryPlan(operation));
}

const NODES: readonly TestSubgraph[] = [
  {
    name: 'lists',
    sdl: `type Query { first: Item } interface Node { id: ID! }
      type Item implements Node @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Query: { first: () => ({ id: 'i1' }) } },
  },
  {
    name: 'items',
    sdl: 'type Item @key(fields: "id") { id: ID! title: String }',
    resolvers: { Item: { title: ({ id }: { id: string }) => `Title ${id}` } },
  },
];

const TO_AND_FRO: readonly TestSubgraph[] = [
  {
    name: 'alpha',
    sdl: `type Query { alpha: Int }
      type Part @key(fields: "id") { id: ID! weight: Int price: Int @requires(fields: "freight") freight: Int @external }`,
    resolvers: { Part: { weight: () => 5, price: ({ freight }: { freight: number }) => freight + 1 } },
  },
  {
    name: 'beta',
    sdl: `type Query { part: Part }
      type Part @key(fields: "id") { id: ID! freight: Int @requires(fields: "weight") weight: Int @external }`,
    resolvers: {
      Query: { part: () => ({ id: 'p' }) },
      Part: { freight: ({ weight = 0 }: { weight?: number | null }) => (weight ?? 0) * 10 },
    },
  },
];

describe('where the planner itself is the limit (docs/conformance.md)', () => {
  it('it cannot defer a fragment on an interface inside an object of one type; what it cannot defer comes at once', async () => {
    const query = '{ first { id ... on Node @defer { ... on Item { title } } } }';
    expect(() => planOf(NODES, query)).toThrow('Cannot add selection of field "Item.title"');
    const { engine } = await openEngine(NODES);
    const operation = await engine.prepare({ query, incremental: true }, null);
    const answer = await engine.execute(operation, contextOf(null));
    expect(toJson(answer.result)).toEqual({ data: { first: { id: 'i1', title: 'Title i1' } } });
    expect(answer.deferred).toBeNull();
    await engine.close();
  });

  it('it asks a subgraph for what that subgraph has as external only, when requirements go to and fro: we do not', async () => {
    const plan = planOf(TO_AND_FRO, '{ part { price } }');
    expect(plan).toContain(
      '"serviceName":"beta","variableUsages":[],"operation":"{part{__typename id weight freight}}"',
    );
    const { engine, run, asked } = await openEngine(TO_AND_FRO);
    expect(await run({ query: '{ part { price } }' })).toEqual({ data: { part: { price: 51 } } });
    expect(asked().map(({ subgraph }) => subgraph)).toEqual(['beta', 'alpha', 'beta', 'alpha']);
    await engine.close();
  });
});
