import type { GraphQLDataSource } from '@apollo/gateway';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { unavailable } from '../transport/failures.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from '../transport/transport.ts';
import type { DataSources } from './data-sources.ts';
import type { ApolloRequestContext } from './options.ts';

type ProcessOptions = Parameters<GraphQLDataSource['process']>[0];

/** Parts of a data source's error that tell clients of subgraphs' addresses: Apollo's carries the URL and the whole body. */
const INTERNAL = new Set(['response', 'stacktrace', 'exception']);

/**
 * Reaches subgraphs by data sources, which get the request context of Apollo Server. A GraphQLError that one throws (from
 * `willSendRequest`, say) stays what it is for the client; anything else it throws is SUBGRAPH_UNAVAILABLE.
 */
export function createDataSourceTransport(
  dataSources: DataSources,
  urls: Readonly<Record<string, string>>,
): SubgraphTransport {
  return {
    async send(request) {
      const { subgraph, signal } = request;
      if (signal.aborted) throw unavailable(subgraph, signal.reason);
      const url = urls[subgraph];
      const dataSource = dataSources.get({ name: subgraph, ...(url === undefined ? {} : { url }) });
      try {
        const { data, errors } = await dataSource.process(toProcessOptions(request));
        return { ...(data === undefined ? {} : { data }), ...(errors ? { errors: errors.map(toPublic) } : {}) };
      } catch (error) {
        return toResponse(error, subgraph);
      }
    },
    close: async () => {},
  };
}

function toProcessOptions({ operation, variables, correlation }: SubgraphRequest): ProcessOptions {
  const incomingRequestContext = correlation as ApolloRequestContext;
  const { text: query, name, document } = operation;
  return {
    kind: 'incoming operation',
    request: { query, variables: { ...variables }, ...(name === undefined ? {} : { operationName: name }) },
    incomingRequestContext,
    context: incomingRequestContext.context,
    document,
  } as ProcessOptions;
}

function toResponse(error: unknown, subgraph: string): SubgraphResponse {
  if (error instanceof GraphQLError) return { errors: [toPublic(error.toJSON())] };
  throw unavailable(subgraph, error);
}

function toPublic(error: GraphQLFormattedError): GraphQLFormattedError {
  const { message, path, extensions = {} } = error;
  const open = Object.fromEntries(Object.entries(extensions).filter(([name]) => !INTERNAL.has(name)));
  return { message, extensions: open, ...(path ? { path } : {}) };
}
