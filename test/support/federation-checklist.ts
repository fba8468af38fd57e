import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type EngineOptions } from '../../gateway/create-engine.ts';
import type { Engine } from '../../gateway/engine.ts';
import type { SubgraphTransport } from '../../gateway/transport/transport.ts';
import { type Answer, contextOf, toJson } from './federation-cases.ts';
import { createInProcessPlanner } from './federation-planner.ts';
import { withBytes } from './federation-transport.ts';
import { createReferenceEngine, type ReferenceEngine } from './reference-engine.ts';
import { createTestGraph, type TestGraph, type TestSubgraph } from './test-subgraphs.ts';

type Row = Readonly<Record<string, unknown>>;
type Compute = (source: never, args: never) => unknown;

/** A subgraph as data: what its root fields hold, which entities it knows, which fields it computes. */
export interface ChecklistSubgraph {
  readonly name: string;
  /** Without the federation link; a comment that contains `@link(` keeps the subgraph Federation 1. */
  readonly sdl: string;
  /** Root fields: values, or functions of the arguments. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly mutation?: Readonly<Record<string, unknown>>;
  /** Rows by type. A representation finds the row that agrees with it in every field both have; none: the entity is null. */
  readonly entities?: Readonly<Record<string, readonly Row[]>>;
  /** Computed fields by type; a source holds the representation under the row. */
  readonly fields?: Readonly<Record<string, Readonly<Record<string, Compute>>>>;
}

/** One operation with the answer a person worked out. */
export interface ChecklistCase {
  readonly title: string;
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  /** Path → code of every error, no more and no fewer. @default none */
  readonly errors?: Readonly<Record<string, string>>;
  /** Subgraphs asked, sorted, when it matters. */
  readonly asked?: readonly string[];
  /** Why the reference engine's data is another; the case is red when it is not. */
  readonly referenceDiffers?: string;
}

/**
 * Runs every case through the exact tier, through the fast tier (the same bytes must come out) and through the reference
 * engine (the same data, but where the case says why not).
 */
export function describeChecklist(
  title: string,
  subgraphs: readonly ChecklistSubgraph[],
  cases: readonly ChecklistCase[],
  options: Partial<EngineOptions> = {},
): void {
  describe(title, () => {
    let graph: TestGraph;
    let exact: Engine;
    let fast: Engine;
    let reference: ReferenceEngine;
    beforeAll(async () => {
      graph = createTestGraph(subgraphs.map(toTestSubgraph));
      const open = (transport: SubgraphTransport) =>
        createEngine({ supergraph: graph.supergraphSdl, transport, planner: createInProcessPlanner, ...options });
      exact = await open(graph.transport);
      fast = await open(withBytes(graph.transport));
      reference = await createReferenceEngine(graph);
    });
    afterAll(() => Promise.all([exact.close(), fast.close(), reference.close()]));

    it.each(cases)('$title', async (given) => {
      const { query, variables = {}, operationName = null, data, errors = {}, asked, referenceDiffers } = given;
      const request = { query, variables, operationName };
      graph.calls.length = 0;
      const first = await run(exact, request);
      const subgraphsAsked = graph.calls.map(({ subgraph }) => subgraph).sort();
      const answer = toJson(first) as Answer;
      expect(answer.data).toEqual(data);
      expect(codesByPath(answer)).toEqual(errors);
      if (asked) expect(subgraphsAsked).toEqual(asked);
      // Twice, because the fast tier may learn from the first answer.
      for (const _ of ['cold', 'warm']) expect((await run(fast, request)).json.toString()).toBe(first.json.toString());
      const theirs = await referenceData(reference, request);
      if (referenceDiffers) expect(theirs, `The reference no longer differs: ${referenceDiffers}`).not.toEqual(data);
      else expect(theirs).toEqual(data);
    });
  });
}

async function run(engine: Engine, request: Parameters<Engine['prepare']>[0]) {
  return engine.execute(await engine.prepare(request, null), contextOf(null));
}

async function referenceData(reference: ReferenceEngine, request: Parameters<Engine['prepare']>[0]): Promise<unknown> {
  try {
    return toJson((await reference.run(request)).data ?? null);
  } catch (error) {
    return `threw: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function codesByPath({ errors = [] }: Answer): Record<string, unknown> {
  return Object.fromEntries(errors.map(({ path, extensions }) => [(path ?? []).join('.'), extensions['code']]));
}

function toTestSubgraph({ name, sdl, query, mutation, entities = {}, fields = {} }: ChecklistSubgraph): TestSubgraph {
  const types: Record<string, Record<string, unknown>> = {};
  const add = (type: string, resolvers: object) => {
    types[type] = { ...types[type], ...resolvers };
  };
  if (query) add('Query', rootResolvers(query));
  if (mutation) add('Mutation', rootResolvers(mutation));
  for (const [type, rows] of Object.entries(entities)) add(type, { __resolveReference: (ref: Row) => find(rows, ref) });
  for (const [type, computed] of Object.entries(fields)) add(type, computed);
  return { name, sdl, resolvers: types as never };
}

function rootResolvers(values: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    (_: unknown, args: unknown) => (typeof value === 'function' ? value(args) : value),
  ]);
  return Object.fromEntries(entries);
}

function find(rows: readonly Row[], { __typename, ...reference }: Row): Row | null {
  const row = rows.find((candidate) => agrees(reference, candidate));
  return row ? { ...reference, __typename, ...row } : null;
}

/** Whether two values are the same wherever both say something. */
function agrees(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return left === right;
  return Object.entries(left).every(([key, value]) => !Object.hasOwn(right, key) || agrees(value, (right as Row)[key]));
}
