import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { listForeignFields } from '../../../../gateway/plan/repairs/foreign-fields.ts';
import { withOwnedSelections } from '../../../../gateway/plan/repairs/owned-selections.ts';
import { createTestGraph, type TestSubgraph } from '../../../support/test-subgraphs.ts';

const toAndFro = (): TestSubgraph[] => [
  {
    name: 'alpha',
    sdl: `type Query { alpha: Part }
      type Part @key(fields: "id") { id: ID! weight: Int @shareable maker: Maker @shareable price: Int @requires(fields: "freight") freight: Int @external }
      type Maker @key(fields: "id") { id: ID! name: String city: City @shareable }
      type City { zip: String @shareable }`,
  },
  {
    name: 'beta',
    sdl: `type Query { part: Part known: Part @provides(fields: "weight maker { city { zip } }") }
      type Part @key(fields: "id") {
        id: ID! freight: Int @requires(fields: "weight maker { city { zip } }") weight: Int @external maker: Maker @external }
      type Maker @key(fields: "id") { id: ID! city: City @external }
      type City { zip: String @external }`,
  },
];

function plan(query: string, { isRepaired }: { isRepaired: boolean }) {
  const supergraph = Supergraph.build(createTestGraph(toAndFro()).supergraphSdl, { supportedFeatures: null });
  const planner = new QueryPlanner(supergraph);
  const operation = operationFromDocument(supergraph.apiSchema(), parse(query));
  const build = () => planner.buildQueryPlan(operation);
  const made = isRepaired ? withOwnedSelections(build) : build();
  return { made, foreign: listForeignFields(made, (name) => supergraph.subgraphs().get(name)?.schema) };
}

describe('fields that a subgraph has as @external only', () => {
  it('are asked of it by the planner as it is, when requirements go to and fro, and by the repaired one never', () => {
    const query = '{ part { price } }';
    expect(plan(query, { isRepaired: false }).foreign).toContain('beta: Part.weight');
    const { made, foreign } = plan(query, { isRepaired: true });
    expect(foreign).toEqual([]);
    expect(JSON.stringify(made)).toContain('{part{__typename id}}');
  });

  it('are told wherever they stand, also in objects', () => {
    expect(plan('{ part { price } }', { isRepaired: false }).foreign).toEqual([
      'beta: Part.weight',
      'beta: Part.maker',
      'beta: Maker.city',
      'beta: City.zip',
    ]);
  });

  it('may be asked of it where it provides them', () => {
    const { made, foreign } = plan('{ known { weight maker { city { zip } } freight } }', { isRepaired: true });
    expect(JSON.stringify(made)).toContain('weight maker{city{zip}}');
    expect(foreign).toEqual([]);
  });

  it('leaves the planner as it was, also when planning fails', () => {
    const failing = () =>
      withOwnedSelections(() => {
        throw new Error('no plan');
      });
    expect(failing).toThrow('no plan');
    expect(plan('{ part { price } }', { isRepaired: false }).foreign).not.toEqual([]);
  });
});
