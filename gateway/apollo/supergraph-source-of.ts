import type { GatewayConfig, ServiceEndpointDefinition, SupergraphManager } from '@apollo/gateway';
import { AppError } from '../../lib/errors.ts';
import type { AnyApolloOptions } from './options.ts';

/** What Apollo Server tells a gateway of the graph it belongs to. */
export interface ApolloConfig {
  readonly key?: string;
  readonly keyHash?: string;
  readonly graphRef?: string;
}

/**
 * The manager that the options mean: their own, or the one of Apollo's that `ApolloGateway` would take, loaded only then.
 * AppError CONFIG_INVALID when there is neither a schema nor a key for managed federation.
 */
export async function toManager(
  options: AnyApolloOptions,
  apollo: ApolloConfig | undefined,
): Promise<SupergraphManager> {
  const { supergraphSdl, serviceList, localServiceList } = options;
  if (typeof supergraphSdl === 'string') return { initialize: async () => ({ supergraphSdl }) };
  if (typeof supergraphSdl === 'function') return { initialize: supergraphSdl };
  if (supergraphSdl) return supergraphSdl;
  if (serviceList) return introspected(options, serviceList);
  if (localServiceList) return composed(options, localServiceList);
  return managed(options, apollo);
}

async function introspected(
  options: AnyApolloOptions,
  subgraphs: ServiceEndpointDefinition[],
): Promise<SupergraphManager> {
  const { IntrospectAndCompose } = await import('@apollo/gateway');
  const { introspectionHeaders, pollIntervalInMs, serviceHealthCheck, logger } = options;
  return new IntrospectAndCompose({
    subgraphs,
    ...(introspectionHeaders === undefined ? {} : { introspectionHeaders }),
    ...(pollIntervalInMs === undefined ? {} : { pollIntervalInMs }),
    ...(serviceHealthCheck === undefined ? {} : { subgraphHealthCheck: serviceHealthCheck }),
    ...(logger ? { logger } : {}),
  });
}

type LocalServiceList = Extract<GatewayConfig, { localServiceList: unknown }>['localServiceList'];

async function composed({ logger }: AnyApolloOptions, localServiceList: LocalServiceList): Promise<SupergraphManager> {
  const { LocalCompose } = await import('@apollo/gateway');
  return new LocalCompose({ localServiceList, ...(logger ? { logger } : {}) });
}

async function managed(options: AnyApolloOptions, apollo: ApolloConfig | undefined): Promise<SupergraphManager> {
  if (!apollo?.key || !apollo.graphRef)
    throw new AppError(
      'CONFIG_INVALID',
      'createApolloGateway: give supergraphSdl, or the key and the graph of managed federation (APOLLO_KEY, APOLLO_GRAPH_REF) to Apollo Server.',
    );
  const { UplinkSupergraphManager } = await import('@apollo/gateway');
  const { uplinkEndpoints, schemaConfigDeliveryEndpoint, uplinkMaxRetries, serviceHealthCheck } = options;
  const endpoints = uplinkEndpoints ?? (schemaConfigDeliveryEndpoint ? [schemaConfigDeliveryEndpoint] : undefined);
  const interval = options.fallbackPollIntervalInMs ?? options.pollIntervalInMs;
  return new UplinkSupergraphManager({
    apiKey: apollo.key,
    graphRef: apollo.graphRef,
    logger: options.logger ?? console,
    ...(serviceHealthCheck === undefined ? {} : { shouldRunSubgraphHealthcheck: serviceHealthCheck }),
    ...(endpoints ? { uplinkEndpoints: endpoints } : {}),
    ...(uplinkMaxRetries === undefined ? {} : { maxRetries: uplinkMaxRetries }),
    ...(options.fetcher ? { fetcher: options.fetcher } : {}),
    ...(interval === undefined ? {} : { fallbackPollIntervalInMs: interval }),
  });
}
