import { createEngine } from '../../../gateway/create-engine.ts';
import type { ClientHeaders, Engine, OperationContext } from '../../../gateway/engine.ts';
import { createHooks } from '../../../gateway/hooks/create-hooks.ts';
import type { GatewayHooks } from '../../../gateway/hooks/hooks.ts';
import { createPlanning } from '../../../gateway/plan/planning.ts';
import type { ExchangeFacts, SubgraphTransport } from '../../../gateway/transport/transport.ts';
import type { Identity } from '../../../lib/identity.ts';
import type { Logger } from '../../../lib/logger.ts';
import { createTestGraph, type TestGraph } from '../../support/test-subgraphs.ts';

/** Accounts and what they owe, each in a subgraph. */
export function createTwoSubgraphs(): TestGraph {
  return createTestGraph([
    {
      name: 'crm',
      sdl: `type Query { account: Account } type Mutation { rename(name: String!): Account }
            type Account @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { account: () => ({ id: 'a1', name: 'Acme' }) },
        Mutation: { rename: (_: never, { name }: { name: string }) => ({ id: 'a1', name }) },
      },
    },
    {
      name: 'billing',
      sdl: 'type Account @key(fields: "id") { id: ID! balance: Int }',
      resolvers: { Account: { __resolveReference: ({ id }: { id: string }) => ({ id, balance: 7 }) } },
    },
  ]);
}

/** What a hooked engine logged as an error. */
export interface Logged {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
}

export interface HookedEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly graph: TestGraph;
  readonly logged: readonly Logged[];
  readonly exchanges: readonly ExchangeFacts[];
  /** Prepares and executes; rejects when the preparation does. */
  ask(query: string, who?: { identity?: Identity | null; headers?: ClientHeaders }): Promise<Asked>;
}

export interface Asked {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: unknown; readonly extensions: Readonly<Record<string, unknown>> }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** An engine with hooks over subgraphs in this process; it plans without a thread. */
export async function createHookedEngine(
  hooks: readonly GatewayHooks[],
  {
    graph = createTwoSubgraphs(),
    transport = graph.transport,
  }: { graph?: TestGraph; transport?: SubgraphTransport } = {},
): Promise<HookedEngine> {
  const logged: Logged[] = [];
  const exchanges: ExchangeFacts[] = [];
  const silent = () => undefined;
  const error = (facts: object, message?: string) => void logged.push({ facts: { ...facts }, message });
  const logger: Logger = { debug: silent, info: silent, warn: silent, error, child: () => logger };
  const hooked = createHooks(hooks, logger);
  const planner = ({ sdl }: { sdl: string }) => {
    const plan = createPlanning(sdl);
    return {
      plan: async (text: string) => {
        const result = plan(text);
        if ('error' in result) throw new Error(result.error);
        return JSON.parse(result.plan);
      },
      close: async () => undefined,
    };
  };
  const engine = hooked.engine(
    await createEngine({ supergraph: graph.supergraphSdl, transport: hooked.transport(transport), planner, logger }),
  );
  return {
    engine,
    graph,
    logged,
    exchanges,
    async ask(query, { identity = null, headers = {} } = {}) {
      const signal = new AbortController().signal;
      const onExchange = (facts: ExchangeFacts) => void exchanges.push(facts);
      const context: OperationContext = { identity, headers, requestId: 'r1', signal, onExchange };
      const operation = await engine.prepare({ query }, identity, context);
      const answer = await engine.execute(operation, context);
      return { ...JSON.parse(answer.json.toString()), headers: answer.headers };
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
