import type { GatewayConfig } from '@apollo/gateway';

/** What becomes of one option of `ApolloGateway`. */
export interface OptionSupport {
  /** `refused`: construction throws, unless `harmless` holds of the value. */
  readonly support: 'supported' | 'refused';
  /** What differs, or what to do instead. */
  readonly note: string;
  /** Values that change nothing, so that they may stay. */
  readonly harmless?: (value: unknown) => boolean;
}

type KeysOf<Union> = Union extends unknown ? keyof Union : never;

const isOff = (value: unknown) => value === false || value === null;

/** Every option of `@apollo/gateway` 2.14; one that it gains makes this fail to compile. docs/migrate-from-apollo-gateway.md is tested against it. */
export const APOLLO_OPTIONS: Readonly<Record<KeysOf<GatewayConfig>, OptionSupport>> = {
  supergraphSdl: {
    support: 'supported',
    note: 'A text, a function, or a manager such as `IntrospectAndCompose`; `update`, `healthCheck`, `getDataSource` and `cleanup` as before.',
  },
  buildService: {
    support: 'supported',
    note: 'Its data sources answer every fetch. Without it, fetches go over a faster HTTP client of our own, which sets no cache policy.',
  },
  serviceList: { support: 'supported', note: 'By Apollo’s `IntrospectAndCompose`, as before.' },
  introspectionHeaders: { support: 'supported', note: 'With `serviceList`.' },
  localServiceList: { support: 'supported', note: 'By Apollo’s `LocalCompose`, as before. Needs `buildService`.' },
  pollIntervalInMs: { support: 'supported', note: 'With `serviceList` or managed federation.' },
  serviceHealthCheck: {
    support: 'supported',
    note: 'With `serviceList` or managed federation, before a schema serves.',
  },
  schemaConfigDeliveryEndpoint: {
    support: 'supported',
    note: 'By Apollo’s `UplinkSupergraphManager`; the key and graph come from Apollo Server.',
  },
  uplinkEndpoints: { support: 'supported', note: 'As `schemaConfigDeliveryEndpoint`.' },
  uplinkMaxRetries: { support: 'supported', note: 'As `schemaConfigDeliveryEndpoint`.' },
  fallbackPollIntervalInMs: { support: 'supported', note: 'As `schemaConfigDeliveryEndpoint`.' },
  fetcher: {
    support: 'supported',
    note: 'For managed federation, as before. How subgraphs are fetched from is up to `buildService`.',
  },
  logger: { support: 'supported', note: 'Gets one text for each event.' },
  debug: { support: 'supported', note: 'Each operation’s plan is logged at `debug`.' },
  __exposeQueryPlanExperimental: { support: 'supported', note: 'Off unless true; Apollo’s is on outside production.' },
  experimental_didResolveQueryPlan: { support: 'supported', note: 'Called before each execution.' },
  experimental_didUpdateSupergraph: { support: 'supported', note: 'Called when a schema begins to serve.' },
  validateSupergraph: { support: 'supported', note: 'A supergraph is always validated.' },
  experimental_approximateQueryPlanStoreMiB: {
    support: 'refused',
    note: 'Remove it: the 2,000 plans used last are kept.',
  },
  experimental_autoFragmentization: {
    support: 'refused',
    note: 'Remove it: operations to subgraphs are written as the planner has them.',
    harmless: isOff,
  },
  queryPlannerConfig: {
    support: 'refused',
    note: 'Remove it: the planner runs in a thread of its own with fixed settings. Set `limits` for its budget.',
    harmless: (value) => isEmpty(value),
  },
  telemetry: {
    support: 'refused',
    note: 'Remove it: `createGateway` has `insight` for OpenTelemetry; behind Apollo Server use its plugins.',
  },
  experimental_updateServiceDefinitions: {
    support: 'refused',
    note: 'Give `supergraphSdl: async ({ update }) => ({ supergraphSdl })` and compose in it.',
  },
  experimental_updateSupergraphSdl: {
    support: 'refused',
    note: 'Give `supergraphSdl: async ({ update }) => ({ supergraphSdl })` and call `update` when it changes.',
  },
};

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Options that only this gateway has. */
export const OWN_OPTIONS: readonly string[] = ['limits', 'authorization', 'hooks', 'identity', 'transport'];
