import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import type { ExecutionResult } from 'graphql';
import { parse } from 'graphql';
import type { GraphQLRequest } from '../../gateway/engine.ts';
import type { TestGraph } from './test-subgraphs.ts';

/** Apollo's gateway over the same subgraphs: what our engine is compared with. It enforces no scopes. */
export interface ReferenceEngine {
  run(request: GraphQLRequest): Promise<ExecutionResult>;
  close(): Promise<void>;
}

/** Loads a graph into @apollo/gateway, authorization purposes removed since it refuses them. */
export async function createReferenceEngine(graph: TestGraph): Promise<ReferenceEngine> {
  const gateway = new ApolloGateway({
    supergraphSdl: graph.supergraphSdl.replace(/, for: SECURITY/g, ''),
    buildService: ({ name }) => dataSource(graph, name),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const { executor } = await gateway.load();
  return {
    async run({ query, operationName, variables }) {
      const document = parse(query);
      const operation = document.definitions.find(
        (node) => node.kind === 'OperationDefinition' && (!operationName || node.name?.value === operationName),
      );
      const request = { query, variables: variables ?? {}, operationName: operationName ?? undefined };
      const context = {
        request,
        document,
        operation,
        operationName,
        queryHash: query,
        context: {},
        metrics: {},
        source: query,
      };
      // The executor reads no more of Apollo Server's request context than this.
      return (await executor({ ...context, schema: gateway.schema, logger: console } as never)) as ExecutionResult;
    },
    close: () => gateway.stop(),
  };
}

function dataSource(graph: TestGraph, subgraph: string): GraphQLDataSource {
  return {
    async process({ request }) {
      const text = request.query ?? '';
      const kind = text.startsWith('mutation') ? 'mutation' : 'query';
      const response = await graph.transport.send({
        subgraph,
        operation: { kind, text, document: parse(text) },
        variables: (request.variables ?? {}) as Record<string, unknown>,
        identity: null,
        requestId: 'reference',
        signal: new AbortController().signal,
      });
      // It merges in place: what the subgraph holds on to must not change.
      return structuredCloneJson(response) as never;
    },
  };
}

function structuredCloneJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
