import { type DocumentNode, type ExecutionResult, getOperationAST, parse } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { GraphQLRequest } from '../engine.ts';
import type { SubgraphTransport } from '../transport/transport.ts';

/** Apollo's own gateway over a transport of ours: what our engine is compared with. It enforces no scopes and has no limits. */
export interface ReferenceEngine {
  /** Plans and executes; the document must be valid. Rejects as Apollo's executor does. */
  run(request: GraphQLRequest): Promise<ExecutionResult>;
  close(): Promise<void>;
}

/** What a reference engine is made of. */
export interface ReferenceEngineOptions {
  readonly supergraphSdl: string;
  /** Stays its maker's. */
  readonly transport: SubgraphTransport;
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Loads `@apollo/gateway`, which a gateway of ours never does by itself. Authorization directives lose their purpose first,
 * or it refuses the supergraph; it then ignores them. It reports its use to its vendor unless APOLLO_TELEMETRY_DISABLED is set.
 */
export async function createReferenceEngine(options: ReferenceEngineOptions): Promise<ReferenceEngine> {
  const { ApolloGateway } = await import('@apollo/gateway');
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraphSdl.replace(/, for: SECURITY/g, ''),
    buildService: ({ name }) => toDataSource(options.transport, name),
    logger: quiet,
  });
  const { executor, schema } = await gateway.load();
  return {
    async run(request) {
      const document = parse(request.query);
      // The executor reads no more of Apollo Server's request context than this.
      return (await executor({ ...toRequestContext(request, document), schema } as never)) as ExecutionResult;
    },
    close: () => gateway.stop(),
  };
}

function toRequestContext({ query, operationName, variables }: GraphQLRequest, document: DocumentNode) {
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new AppError('OPERATION_RESOLUTION_FAILURE', 'No operation of that name is in the document.');
  const name = operationName ?? undefined;
  return {
    request: { query, variables: variables ?? {}, ...(name ? { operationName: name } : {}) },
    document,
    operation,
    ...(name ? { operationName: name } : {}),
    queryHash: query,
    source: query,
    context: {},
    metrics: {},
    logger: quiet,
  };
}

function toDataSource(transport: SubgraphTransport, subgraph: string) {
  return {
    async process({ request }: { request: { query?: string; variables?: Record<string, unknown> } }) {
      const text = request.query ?? '';
      const kind = text.startsWith('mutation') ? 'mutation' : 'query';
      const response = await transport.send({
        subgraph,
        operation: { kind, text, document: parse(text) },
        variables: request.variables ?? {},
        identity: null,
        requestId: 'reference',
        signal: new AbortController().signal,
      });
      // It merges in place: what the subgraph holds on to must not change.
      return JSON.parse(JSON.stringify(response));
    },
  };
}
