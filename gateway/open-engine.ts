import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createEngine, type PlannedEngine } from './create-engine.ts';
import { createHooks } from './hooks/create-hooks.ts';
import type { Insight } from './insight/create-insight.ts';
import type { BuiltEngine } from './live/generation.ts';
import { createLiveEngine, type LiveEngine } from './live/live-engine.ts';
import type { GatewayOptions } from './options.ts';
import type { PlanCache } from './plan/plan-cache.ts';
import { createPlanFolder } from './plan/plan-folder.ts';
import { warmUpPlans } from './plan/warm-up.ts';
import { checkEventSources } from './subscriptions/event-sources-check.ts';
import { fromText, type SupergraphSource } from './supergraph/sources/source.ts';
import type { SubgraphTransport } from './transport/transport.ts';

const DEFAULT_WARM_UP = { operations: 200, timeoutMs: 10_000 };

/** The engine of a gateway and where its supergraphs come from. */
export interface OpenEngine {
  readonly engine: LiveEngine;
  /** Has the source look now. Resolves when it has looked and what it found serves or was refused. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the source and builds an engine for each supergraph it gives. Resolves with the first one serving; at once when the
 * source is patient. AppError SUPERGRAPH_INVALID or SCHEMA_UNAVAILABLE when a source that is not patient has none.
 */
export async function openEngine(options: GatewayOptions, insight: Insight): Promise<OpenEngine> {
  const { supergraph, clock = systemClock, logger = silentLogger } = options;
  const source = typeof supergraph === 'string' ? fromText(supergraph) : supergraph;
  const engine = createLiveEngine({
    build: createBuild(options, insight),
    onSchemaError: options.onSchemaError,
    clock,
    logger,
    ...(options.schemaGraceMs === undefined ? {} : { graceMs: options.schemaGraceMs }),
  });
  const started = follow(source, engine);
  const close = async () => {
    await source.close();
    await engine.close();
  };
  // What a patient source is waiting for has been reported by then.
  if (source.isPatient) void started.catch(() => undefined);
  else await started.catch((error: unknown) => close().then(() => Promise.reject(error)));
  return {
    engine,
    close,
    async reload() {
      await source.reload?.();
      await engine.settled();
    },
  };
}

/** Every failure but the first start's has been reported by the engine; nobody waits for it here. */
async function follow(source: SupergraphSource, engine: LiveEngine): Promise<void> {
  const onChange = (supergraphSdl: string) => void engine.swap(supergraphSdl).catch(() => undefined);
  await engine.swap(await source.start(onChange, (error) => engine.reportFailure(error)));
}

function createBuild(options: GatewayOptions, insight: Insight): (supergraphSdl: string) => Promise<BuiltEngine> {
  const { logger = silentLogger } = options;
  const hooked = createHooks(options.hooks ?? [], logger);
  const warm = createWarmUp(options);
  const planStore = options.plans && createPlanFolder({ ...options.plans, logger });
  return async (supergraph) => {
    checkEventSources(supergraph);
    const { transport, close } = await toTransport(options.transport, supergraph);
    try {
      const outward = hooked.transport(insight.transport(transport));
      const engine = await createEngine({
        ...options,
        supergraph,
        transport: outward,
        logger,
        ...(planStore ? { planStore } : {}),
      });
      await warm(engine);
      return { engine: insight.engine(hooked.engine(engine)), close: () => engine.close().finally(close) };
    } catch (error) {
      await close();
      throw error;
    }
  };
}

/** Plans for a new engine what the last one planned most. The first has nothing to go by. */
function createWarmUp(options: GatewayOptions): (engine: PlannedEngine) => Promise<void> {
  const { schemaWarmUp = DEFAULT_WARM_UP, logger = silentLogger } = options;
  let last: PlanCache | null = null;
  return async ({ plans, schema }) => {
    const keys = last?.mostUsed(schemaWarmUp.operations) ?? [];
    last = plans;
    if (keys.length === 0) return;
    const signal = AbortSignal.timeout(schemaWarmUp.timeoutMs);
    const facts = await warmUpPlans({ plans, schema, keys, signal, logger });
    logger.info(facts, 'Plans for the new schema are made.');
  };
}

/** A transport made for one supergraph goes with it; one that was given stays its maker's. */
async function toTransport(
  given: GatewayOptions['transport'],
  supergraphSdl: string,
): Promise<{ transport: SubgraphTransport; close: () => Promise<void> }> {
  if (typeof given !== 'function') return { transport: given, close: async () => {} };
  const transport = await given(supergraphSdl);
  return { transport, close: () => transport.close() };
}
