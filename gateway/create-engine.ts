import { AppError } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import { type Audience, type Audiences, createAudiences } from './audience/audiences.ts';
import type { Engine, PreparedOperation } from './engine.ts';
import { createExecutor } from './execute/execute.ts';
import { createFastPath } from './execute/fast/create-fast-path.ts';
import { DEFAULT_LIMITS, type GatewayOptions } from './options.ts';
import { createPlanCache, type PlanCache } from './plan/plan-cache.ts';
import type { PlanStore } from './plan/plan-store.ts';
import { hashForPlans } from './plan/plan-version.ts';
import { createPlanner, type Planner, type PlannerOptions } from './plan/planner.ts';
import { CACHE_SIZE, createPreparation, type PreparationOptions, type ShapedOperation } from './plan/prepare.ts';
import { type LoadedSupergraph, loadSupergraph } from './supergraph/load-supergraph.ts';
import { parseSupergraph } from './supergraph/parse-supergraph.ts';
import { separateEvents } from './supergraph/separate-events.ts';
import type { SubgraphTransport } from './transport/transport.ts';

/** What an engine is made of; a part of what a gateway is made of. */
export type EngineOptions = Pick<GatewayOptions, 'limits' | 'authorization' | 'audiences' | 'clock'> & {
  /** SDL. */
  readonly supergraph: string;
  readonly transport: SubgraphTransport;
  readonly logger?: Logger;
  /** Whether plain answers take the fast tier of execution; the answers are the same. @default true */
  readonly fastPath?: boolean;
  /** Plans of earlier processes, used again while the supergraph is the same. @default every process plans anew */
  readonly planStore?: PlanStore;
  /** Whether a label of `@override` is on for a request. @default `percent(N)` by its id, others never */
  readonly overrideLabel?: PreparationOptions['overrideLabel'];
  /** Plans operations; the engine closes it. @default a thread of its own, with a budget */
  readonly planner?: (options: PlannerOptions) => Planner;
};

/** An engine that shows its plans, so that the next one can be warmed with them. */
export interface PlannedEngine extends Engine {
  readonly plans: PlanCache;
}

/**
 * An engine for any supergraph. Resolves as soon as the supergraph is loaded: the planner starts in its thread meanwhile,
 * and the first operation waits for it. AppError SUPERGRAPH_INVALID when the supergraph does not load. Closing the engine
 * leaves the transport open; it belongs to the caller.
 */
export async function createEngine(options: EngineOptions): Promise<PlannedEngine> {
  const { supergraph: given, transport, authorization = 'prune', logger = silentLogger } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const sdl = separateEvents(given);
  // First the thread, so that it builds its planner while this one builds the schema.
  const planner = (options.planner ?? createPlanner)({ sdl, budgetMs: limits.planMs, logger });
  const { supergraph, audiences } = await loadOr(sdl, options.audiences ?? [], () => planner.close());
  const { schema, fullSchema } = supergraph;
  const fast = options.fastPath === false ? {} : { fast: createFastPath({ fullSchema, transport, logger }) };
  const executor = createExecutor({ supergraph, transport, logger, ...fast });
  const { planStore: store, overrideLabel } = options;
  const stored = store && { store, schemaHash: hashForPlans(sdl) };
  const plans = createPlanCache({ planner, limit: CACHE_SIZE, ...(stored ? { stored } : {}) });
  const preparation = { supergraph, audiences, plans, limits, authorization };
  return {
    schema,
    supergraphSdl: given,
    sdlFor: (identity) => audiences.viewOf(identity).sdl,
    plans,
    prepare: createPreparation({ ...preparation, ...(overrideLabel ? { overrideLabel } : {}) }),
    execute: async (operation, context) => executor.execute(shaped(operation), context),
    executeEvent: (operation, payload, context) => executor.executeEvent(shaped(operation), payload, context),
    close: () => planner.close(),
  };
}

interface Loaded {
  readonly supergraph: LoadedSupergraph;
  readonly audiences: Audiences;
}

async function loadOr(sdl: string, contracts: readonly Audience[], onFailure: () => Promise<void>): Promise<Loaded> {
  try {
    const supergraph = loadSupergraph(sdl);
    const document = parseSupergraph(sdl);
    return { supergraph, audiences: createAudiences({ ...supergraph, document, audiences: contracts }) };
  } catch (error) {
    await onFailure();
    throw error;
  }
}

function shaped(operation: PreparedOperation): ShapedOperation {
  if ('selection' in operation) return operation as ShapedOperation;
  throw new AppError('INTERNAL', 'The operation was not prepared by this engine.');
}
