import type { GraphQLSchema } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { EngineOptions } from '../create-engine.ts';
import { loadSupergraph } from '../supergraph/load-supergraph.ts';
import { type ApolloEngine, createApolloEngine } from './apollo-engine.ts';
import { fromApolloLogger } from './apollo-logger.ts';
import { checkApolloOptions } from './check-options.ts';
import type { HealthCheck } from './data-sources.ts';
import { type ApolloExecutor, createApolloExecutor } from './executor.ts';
import type { AnyApolloOptions, ApolloGatewayOptions } from './options.ts';
import { createSchemaListeners, type SchemaContext, type SchemaListeners } from './schema-listeners.ts';
import { type ApolloConfig, toManager } from './supergraph-source-of.ts';

/** What `new ApolloServer({ gateway })` needs, and the rest of what `ApolloGateway` offers. */
export interface ApolloDropIn {
  onSchemaLoadOrUpdate(callback: (schema: SchemaContext) => void): () => void;
  /** Rejects when there is no first schema, with what the manager or the schema failed with. */
  load(options?: { apollo?: ApolloConfig }): Promise<{ schema: GraphQLSchema; executor: ApolloExecutor }>;
  stop(): Promise<void>;
  /** The client schema; undefined before `load`. */
  readonly schema: GraphQLSchema | undefined;
  readonly executor: ApolloExecutor;
  /** Asks each subgraph for `__typename`; rejects with the first that does not answer. */
  serviceHealthCheck(): Promise<HealthCheck[]>;
}

interface Served extends SchemaContext {
  readonly compositionId: string;
}

class DropIn implements ApolloDropIn {
  readonly #options: AnyApolloOptions;
  readonly #logger: Logger;
  readonly #parts: ApolloEngine;
  readonly #listeners: SchemaListeners;
  readonly #cleanups: (() => Promise<void>)[] = [];
  /** Client schemas of supergraphs that were checked and do not serve yet. */
  readonly #checked = new Map<string, GraphQLSchema>();
  #phase: 'initialized' | 'loading' | 'loaded' | 'stopped' = 'initialized';
  #served: Served | null = null;
  readonly executor: ApolloExecutor;

  constructor(options: AnyApolloOptions, planning: Pick<EngineOptions, 'planner'>) {
    this.#options = options;
    this.#logger = fromApolloLogger(options.logger);
    this.#parts = createApolloEngine(options, this.#logger, planning);
    this.#listeners = createSchemaListeners(this.#logger);
    const { engine } = this.#parts;
    engine.onSchemaChange(() => this.#announce());
    this.executor = createApolloExecutor({
      engine,
      options,
      serviceMap: () => this.#serviceMap(),
      logger: this.#logger,
    });
  }

  get schema(): GraphQLSchema | undefined {
    return this.#served?.apiSchema;
  }

  onSchemaLoadOrUpdate(callback: (schema: SchemaContext) => void): () => void {
    return this.#listeners.add(callback);
  }

  async load({ apollo }: { apollo?: ApolloConfig } = {}) {
    if (this.#phase !== 'initialized') throw new AppError('INTERNAL', `load was called when ${this.#phase}.`);
    this.#phase = 'loading';
    try {
      const supergraphSdl = await this.#initialize(apollo);
      this.#check(supergraphSdl);
      await this.#parts.engine.swap(supergraphSdl);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#phase = 'loaded';
    this.#announce();
    const { schema = this.#parts.engine.schema, executor } = this;
    return { schema, executor };
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    for (const cleanup of this.#cleanups.splice(0))
      await cleanup().catch((err: unknown) => this.#logger.error({ err }, 'A cleanup function failed.'));
    await this.#parts.engine.close();
  }

  async serviceHealthCheck(): Promise<HealthCheck[]> {
    return this.#checkHealth(this.#parts.engine.supergraphSdl);
  }

  async #initialize(apollo: ApolloConfig | undefined): Promise<string> {
    const manager = await toManager(this.#options, apollo);
    if (typeof this.#options.supergraphSdl !== 'string') await this.#parts.loadDataSources();
    const result = await manager.initialize({
      update: (supergraphSdl) => this.#update(supergraphSdl),
      healthCheck: async (supergraphSdl) => void (await this.#checkHealth(supergraphSdl)),
      getDataSource: (definition) => this.#parts.dataSources.get(definition),
    });
    if (typeof result.cleanup === 'function') this.#cleanups.push(result.cleanup);
    return result.supergraphSdl;
  }

  /** Throws at once for a schema that does not load, as managers expect; the swap itself comes a moment later. */
  #update(supergraphSdl: string): void {
    if (this.#phase === 'stopped')
      throw new AppError('SHUTTING_DOWN', 'The gateway has stopped; update came too late.');
    this.#check(supergraphSdl);
    this.#parts.engine.swap(supergraphSdl).catch((err: unknown) => this.#logger.debug({ err }, 'A swap failed.'));
  }

  #check(supergraphSdl: string): void {
    if (supergraphSdl === this.#served?.coreSupergraphSdl) return;
    // Apollo Server carries no deferred parts, so its clients shall not see the directive.
    this.#checked.set(supergraphSdl, loadSupergraph(supergraphSdl, { defer: false }).schema);
  }

  /** In the same step in which the schema begins to serve. */
  #announce(): void {
    const { engine } = this.#parts;
    const { supergraphSdl: coreSupergraphSdl } = engine;
    if (this.#phase !== 'loaded' || this.#served?.coreSupergraphSdl === coreSupergraphSdl) return;
    const apiSchema = this.#checked.get(coreSupergraphSdl) ?? engine.schema;
    this.#checked.clear();
    const previous = this.#served;
    this.#served = { apiSchema, coreSupergraphSdl, compositionId: engine.status().hash ?? '' };
    this.#listeners.tell({ apiSchema, coreSupergraphSdl });
    const before = previous ? [toCompositionInfo(previous)] : [];
    this.#options.experimental_didUpdateSupergraph?.(toCompositionInfo(this.#served), ...before);
  }

  async #checkHealth(supergraphSdl: string): Promise<HealthCheck[]> {
    await this.#parts.loadDataSources();
    return this.#parts.dataSources.checkHealth(this.#parts.definitionsOf(supergraphSdl));
  }

  #serviceMap() {
    const { dataSources, definitionsOf, engine } = this.#parts;
    if (!this.#options.buildService) return {};
    return Object.fromEntries(definitionsOf(engine.supergraphSdl).map((one) => [one.name, dataSources.get(one)]));
  }
}

function toCompositionInfo({ apiSchema: schema, compositionId, coreSupergraphSdl: supergraphSdl }: Served) {
  return { schema, compositionId, supergraphSdl };
}

/**
 * `new ApolloServer({ gateway: createApolloGateway(options) })` in the place of `new ApolloGateway(options)`: the same options,
 * our engine. AppError CONFIG_INVALID, which says what to do, for an option that cannot be kept
 * (docs/migrate-from-apollo-gateway.md).
 */
export function createApolloGateway(
  options: ApolloGatewayOptions | Record<never, never> = {},
  planning: Pick<EngineOptions, 'planner'> = {},
): ApolloDropIn {
  checkApolloOptions(options);
  return new DropIn(options as AnyApolloOptions, planning);
}
