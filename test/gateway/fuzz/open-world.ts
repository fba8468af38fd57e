import { composeServices } from '@apollo/composition';
import type { QueryPlan } from '@apollo/query-planner';
import { type GraphQLSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine, GraphQLRequest, OperationContext } from '../../../gateway/engine.ts';
import type { Planner, PlannerOptions } from '../../../gateway/plan/planner.ts';
import { contextOf } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { withBytes } from '../../support/federation-transport.ts';
import { withFederation } from '../../support/test-subgraphs.ts';
import { printPart } from './print-world.ts';
import { createParts, createWhole, type Given, type Parts } from './resolve-world.ts';
import type { World } from './world.ts';

/** A world that runs: unsplit, and split behind both tiers of the engine. */
export interface OpenWorld {
  readonly world: World;
  readonly whole: ReturnType<typeof createWhole>;
  readonly parts: Parts;
  readonly engine: Engine;
  /** Answers of the exact tier and of the fast one, as bytes, and whether that one answered itself. */
  run(given: Given): Promise<{ readonly exact: string; readonly fast: string; readonly isFast: boolean }>;
  /** For people: the subgraphs. */
  describe(): string;
}

/** SDL of every subgraph, for the composer and for people. */
export function partsOf(world: World): { readonly name: string; readonly sdl: string }[] {
  return world.subgraphs.map((name) => ({ name, sdl: printPart(world, name) }));
}

/** Composes and opens a world. A text instead, when it does not compose: the composer's reasons. */
export async function openWorld(world: World): Promise<OpenWorld | string> {
  const sdls = partsOf(world);
  const composed = composeServices(
    sdls.map(({ name, sdl }) => ({ name, url: `http://${name}`, typeDefs: parse(withFederation(sdl)) })),
  );
  if (composed.errors) return composed.errors.map(({ message }) => message).join('\n');
  const whole = createWhole(world);
  const parts = createParts(world);
  const planner = shareOnePlanner();
  const limits = { fields: 100_000, depth: 100, aliases: 10_000, documentBytes: 10_000_000 };
  const shared = { supergraph: composed.supergraphSdl, planner, limits };
  const engine = await createEngine({ ...shared, transport: parts.transport, fastPath: false });
  const fastEngine = await createEngine({ ...shared, transport: withBytes(parts.transport) });
  expectSameSchema(engine.schema, whole.schema);
  return {
    world,
    whole,
    parts,
    engine,
    async run(given) {
      parts.set(given);
      let isFast = false;
      const exact = await answerOf(engine, given);
      const fast = await answerOf(fastEngine, given, ({ path }) => {
        isFast = path === 'fast';
      });
      return { exact, fast, isFast };
    },
    describe: () => sdls.map(({ name, sdl }) => `# ${name}\n${sdl}`).join('\n\n'),
  };
}

async function answerOf(
  engine: Engine,
  request: GraphQLRequest,
  onPath: OperationContext['onPath'] = () => {},
): Promise<string> {
  const operation = await engine.prepare({ query: request.query, variables: request.variables ?? {} }, null);
  return (await engine.execute(operation, { ...contextOf(null), onPath })).json.toString('utf8');
}

/** Both tiers plan alike: one planner, and one plan object an operation. */
function shareOnePlanner(): (options: PlannerOptions) => Planner {
  let shared: Planner | null = null;
  const plans = new Map<string, Promise<QueryPlan>>();
  return (options) => {
    const planner = shared ?? createInProcessPlanner(options);
    shared = planner;
    return {
      plan(...asked: Parameters<Planner['plan']>) {
        const key = JSON.stringify(asked);
        const plan = plans.get(key) ?? planner.plan(...asked);
        plans.set(key, plan);
        return plan;
      },
      close: async () => {},
    };
  };
}

/** The split must not change what clients see; if it does, the generator is wrong and nothing is proven. */
function expectSameSchema(split: GraphQLSchema, whole: GraphQLSchema): void {
  const [left, right] = [split, whole].map((schema) =>
    printSchema(lexicographicSortSchema(schema))
      .replace(/^directive .*\n/gm, '')
      .trim(),
  );
  if (left !== right) throw new Error(`The split graph has another schema:\n${left}\nthan the whole:\n${right}`);
}
