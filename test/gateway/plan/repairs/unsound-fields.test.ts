import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { withOwnedSelections } from '../../../../gateway/plan/repairs/owned-selections.ts';
import { buildSoundPlan, UnsoundPlan } from '../../../../gateway/plan/repairs/sound-plan.ts';
import { listUnsoundFields } from '../../../../gateway/plan/repairs/unsound-fields.ts';
import { openEngine } from '../../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../../support/federation-planner.ts';
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
  return { made, supergraph, foreign: listUnsoundFields(made, (name) => supergraph.subgraphs().get(name)?.schema) };
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
      'beta: Part.freight',
    ]);
  });

  it('may be asked of it where it provides them', () => {
    const { made, foreign } = plan('{ known { weight maker { city { zip } } freight } }', { isRepaired: true });
    expect(JSON.stringify(made)).toContain('weight maker{city{zip}}');
    expect(foreign).toEqual([]);
  });

  it('are refused rather than answered wrongly when no plan is right', () => {
    const wrong = plan('{ part { price } }', { isRepaired: false });
    expect(() => buildSoundPlan(() => wrong.made, wrong.supergraph)).toThrow(UnsoundPlan);
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

/** Found by the fuzzer: gamma, alpha, gamma again, and each needs what the one before computed. */
const CHAIN: readonly TestSubgraph[] = [
  {
    name: 'alpha',
    sdl: `type Query { alpha: Int } type Node @key(fields: "id") { id: ID! }
      type Part @key(fields: "id") { id: ID! b: Int @requires(fields: "a") a: Int @external }
      type Box @key(fields: "id") { id: ID! part: Part! }`,
    resolvers: { Part: { b: ({ a }: { a: number }) => a * 10 }, Box: { part: () => ({ id: 'p' }) } },
  },
  {
    name: 'beta',
    sdl: 'type Query { box: Box } type Box @key(fields: "id", resolvable: false) { id: ID! }',
    resolvers: { Query: { box: () => ({ id: 'b' }) } },
  },
  {
    name: 'gamma',
    sdl: `type Part @key(fields: "id") {
      id: ID! a: Int @requires(fields: "n") c: Int @requires(fields: "b") n: Int @external b: Int @external }`,
    resolvers: { Part: { a: ({ n }: { n: number }) => n + 1, c: ({ b }: { b: number }) => b + 2 } },
  },
  {
    name: 'delta',
    sdl: 'type Part @key(fields: "id") { id: ID! n: Int }',
    resolvers: { Part: { n: () => 4 } },
  },
];

describe('requirements that wait for one another through four subgraphs', () => {
  it('are handed over one after the other', async () => {
    const { engine, run, asked } = await openEngine(CHAIN, { planner: createInProcessPlanner });
    expect(await run({ query: '{ box { part { c } } }' })).toEqual({ data: { box: { part: { c: 52 } } } });
    const order = asked().map(({ subgraph }) => subgraph);
    expect(order.filter((name) => name === 'gamma')).toHaveLength(2);
    await engine.close();
  });
});
