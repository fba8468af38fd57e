import type { GraphQLDataSource } from '@apollo/gateway';
import { systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { toHttpSubgraphs } from '../config/to-options.ts';
import { createEngine, type EngineOptions } from '../create-engine.ts';
import { createHooks } from '../hooks/create-hooks.ts';
import { createLiveEngine, type LiveEngine } from '../live/live-engine.ts';
import { readRoutingUrls } from '../supergraph/routing-urls.ts';
import { createHttpTransport } from '../transport/http.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { createDataSourceTransport } from './data-source-transport.ts';
import { createDataSources, type DataSources } from './data-sources.ts';
import type { AnyApolloOptions } from './options.ts';

type ApolloModule = { readonly RemoteGraphQLDataSource: new (config: { url: string }) => GraphQLDataSource };

/** Our engine with the data sources of a drop-in. */
export interface ApolloEngine {
  readonly engine: LiveEngine;
  readonly dataSources: DataSources;
  /** Name and URL of each subgraph of a supergraph. */
  definitionsOf(supergraphSdl: string): { readonly name: string; readonly url: string }[];
  /** Loads what data sources are without `buildService`; needed before any of them is asked for. */
  loadDataSources(): Promise<void>;
}

/** An engine without a schema yet. Without `buildService` its fetches go over our own HTTP transport. */
export function createApolloEngine(
  options: AnyApolloOptions,
  logger: Logger,
  planning: Pick<EngineOptions, 'planner'>,
): ApolloEngine {
  const { buildService, limits, authorization } = options;
  let apollo: ApolloModule | null = null;
  const dataSources = createDataSources((definition) => {
    if (buildService) return buildService(definition);
    if (!apollo) throw new AppError('INTERNAL', 'The data sources were not loaded.');
    return new apollo.RemoteGraphQLDataSource({ url: definition.url ?? '' });
  });
  const definitionsOf: ApolloEngine['definitionsOf'] = (supergraphSdl) =>
    Object.entries(readRoutingUrls(supergraphSdl)).map(([name, url]) => ({ name, url }));
  const toTransport = async (supergraphSdl: string): Promise<SubgraphTransport> => {
    if (buildService) {
      for (const definition of definitionsOf(supergraphSdl)) dataSources.get(definition);
      return createDataSourceTransport(dataSources, readRoutingUrls(supergraphSdl));
    }
    return options.transport?.(supergraphSdl) ?? createHttpTransport({ ...toHttpSubgraphs(supergraphSdl, {}), logger });
  };
  const hooked = createHooks(options.hooks ?? [], logger);
  const engine = createLiveEngine({
    async build(supergraph) {
      const transport = await toTransport(supergraph);
      const built = await createEngine({
        supergraph,
        transport: hooked.transport(transport),
        logger,
        ...planning,
        ...(limits ? { limits } : {}),
        ...(authorization ? { authorization } : {}),
      }).catch((error: unknown) => transport.close().then(() => Promise.reject(error)));
      return { engine: hooked.engine(built), close: () => built.close().finally(() => transport.close()) };
    },
    clock: systemClock,
    logger,
  });
  return {
    engine,
    dataSources,
    definitionsOf,
    async loadDataSources() {
      if (!buildService) apollo ??= await import('@apollo/gateway');
    },
  };
}
