import { type GraphQLSchema, graphql } from 'graphql';
import { createEngine, type PlannedEngine } from '../../gateway/create-engine.ts';
import type { PathFacts } from '../../gateway/engine.ts';
import { toSubgraphResponse } from '../../gateway/transport/response-body.ts';
import type { RawResponse, SubgraphRequest, SubgraphTransport } from '../../gateway/transport/transport.ts';

/** Changes a reply on its way. */
export type Tamper = (json: string, request: SubgraphRequest) => string | Buffer;

/** Subgraphs in this process that answer with bytes, like those over a network. Replies go through `tamper` first. */
export function bytesTransport(schemas: Readonly<Record<string, GraphQLSchema>>) {
  const state: { tamper: Tamper; sent: number; status: number } = { tamper: (json) => json, sent: 0, status: 200 };
  const sendRaw = async (request: SubgraphRequest): Promise<RawResponse> => {
    const { subgraph, operation, variables } = request;
    state.sent += 1;
    const schema = schemas[subgraph] as GraphQLSchema;
    const result = await graphql({ schema, source: operation.text, variableValues: variables });
    const tampered = state.tamper(JSON.stringify(result), request);
    return { status: state.status, bytes: typeof tampered === 'string' ? Buffer.from(tampered, 'utf8') : tampered };
  };
  const transport: SubgraphTransport = {
    send: async (request) => {
      const { status, bytes } = await sendRaw(request);
      return toSubgraphResponse(status, bytes, request.subgraph);
    },
    sendRaw,
    close: async () => undefined,
  };
  return { transport, state };
}

/** Two engines over the same subgraphs, one without the fast tier. */
export async function openTiers(supergraph: string, schemas: Readonly<Record<string, GraphQLSchema>>) {
  const { transport, state } = bytesTransport(schemas);
  const [fast, exact] = await Promise.all([
    createEngine({ supergraph, transport }),
    createEngine({ supergraph, transport, fastPath: false }),
  ]);
  const run = async (engine: PlannedEngine, query: string, variables: Record<string, unknown> = {}) => {
    const operation = await engine.prepare({ query, variables }, null);
    const paths: PathFacts[] = [];
    const signal = new AbortController().signal;
    const onPath = (facts: PathFacts) => paths.push(facts);
    const answer = await engine.execute(operation, { identity: null, requestId: 'test', signal, onPath });
    return { json: answer.json.toString('utf8'), path: paths[0] ?? null };
  };
  return {
    state,
    fast: (query: string, variables?: Record<string, unknown>) => run(fast, query, variables),
    exact: (query: string, variables?: Record<string, unknown>) => run(exact, query, variables),
    close: () => Promise.all([fast.close(), exact.close()]),
  };
}
