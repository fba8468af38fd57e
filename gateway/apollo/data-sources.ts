import type { GraphQLDataSource, ServiceEndpointDefinition } from '@apollo/gateway';

/** `GraphQLDataSourceRequestKind.HEALTH_CHECK`, an enum that lives in a module we do not load. */
type ProcessOptions = Parameters<GraphQLDataSource['process']>[0];

/** Apollo's: subgraphs may tell it from a client's operation. */
const HEALTH_CHECK_QUERY = 'query __ApolloServiceHealthCheck__ { __typename }';

/** Makes a data source, once for each name and URL. */
export type BuildService = (definition: ServiceEndpointDefinition) => GraphQLDataSource;

/** The data sources of a gateway. They outlive schemas, as their connections and caches should. */
export interface DataSources {
  get(definition: ServiceEndpointDefinition): GraphQLDataSource;
  /** Asks each of them for `__typename`. Rejects with the first that does not answer. */
  checkHealth(definitions: readonly ServiceEndpointDefinition[]): Promise<HealthCheck[]>;
}

/** How one subgraph answered. */
export interface HealthCheck {
  readonly name: string;
  readonly response: Awaited<ReturnType<GraphQLDataSource['process']>>;
}

/** Data sources by name, made anew where the URL changes. */
export function createDataSources(build: BuildService): DataSources {
  const known = new Map<string, { readonly url: string | undefined; readonly dataSource: GraphQLDataSource }>();
  function get(definition: ServiceEndpointDefinition): GraphQLDataSource {
    const { name, url } = definition;
    const found = known.get(name);
    if (found && found.url === url) return found.dataSource;
    const dataSource = build(definition);
    known.set(name, { url, dataSource });
    return dataSource;
  }
  const check = async (definition: ServiceEndpointDefinition): Promise<HealthCheck> => {
    const options = { kind: 'health check', request: { query: HEALTH_CHECK_QUERY }, context: {} };
    try {
      return { name: definition.name, response: await get(definition).process(options as ProcessOptions) };
    } catch (cause) {
      throw new Error(`[${definition.name}]: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
  return { get, checkHealth: (definitions) => Promise.all(definitions.map(check)) };
}
