import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import type { ClientHeaders, GraphQLRequest, PreparedOperation } from '../engine.ts';
import type { ExchangeFacts, SubgraphResponse } from '../transport/transport.ts';

type Awaitable<Value> = Value | Promise<Value>;
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that changes nothing returns nothing.
type Nothing = void | undefined;

/** What all hooks of one operation are told. */
export interface HookContext {
  readonly requestId: string;
  /** Who asks; null on a gateway without authentication. */
  readonly identity: Identity | null;
  /** What the client sent, names in lower case. */
  readonly headers: ClientHeaders;
  /** Aborted when the client goes. */
  readonly signal: AbortSignal;
  /** What one hook wants the next to know. Of this operation alone; a subscription's events share it. */
  readonly state: Map<string, unknown>;
}

/** A request that has not been looked at: `query` may be no GraphQL at all. */
export interface RequestEvent {
  readonly request: GraphQLRequest;
  readonly context: HookContext;
}

/** What a request hook puts in place of what the client sent. What is absent stays. */
export type RequestChange = Partial<GraphQLRequest>;

/** An operation that is valid, pruned by rights and planned, before any fetch of it. */
export interface PlanEvent {
  readonly operation: PreparedOperation;
  readonly context: HookContext;
}

/** A fetch as it is about to be sent, with what hooks before this one changed. */
export interface FetchEvent {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  /** The document. */
  readonly text: string;
  /** Read-only: an entity fetch has its `representations` here. Reading them costs a parse where they are text already. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Headers sent besides those that the transport sets and forwards. */
  readonly headers: Readonly<Record<string, string>>;
  readonly operation: PreparedOperation | null;
  readonly context: HookContext;
}

/** What a fetch hook changes. */
export interface FetchChange {
  /** More headers; the transport's own (content type, identity) stay. A subgraph in this process gets none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of all variables. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Answers in place of the subgraph: nothing is sent, later hooks are not asked. */
  readonly response?: SubgraphResponse;
  /** Told how it went, in reverse order of the hooks. What it returns takes the place of the response, or of the failure. */
  readonly onResult?: (result: FetchResult) => Awaitable<SubgraphResponse | Nothing>;
}

/** How a fetch went. */
export interface FetchResult {
  /** The response: only for hooks that declare `readsData`, null for others. Not to be changed in place. */
  readonly response: SubgraphResponse | null;
  /** Why there is none: an AppError SUBGRAPH_… as a rule. */
  readonly error: unknown;
  /** Null where the transport told none. */
  readonly facts: ExchangeFacts | null;
}

/** What is about to be answered: the result of a query or a mutation, of one event of a subscription, or a refusal. */
export interface ResponseEvent {
  /** Reading it makes objects of an answer that the fast path wrote as text. Not to be changed in place. */
  readonly result: ExecutionResult;
  /** Whether the operation was refused before anything ran. */
  readonly refused: boolean;
  /** Null when it was refused. */
  readonly operation: PreparedOperation | null;
  readonly request: GraphQLRequest;
  readonly context: HookContext;
}

/** What a response hook changes. */
export interface ResponseChange {
  /** Merged into the result's extensions by name. Not for refusals. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** More headers of the HTTP answer. Streams and WebSockets have none, nor have refusals. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of all errors. An empty list removes them, except from refusals. */
  readonly errors?: readonly GraphQLFormattedError[];
}

/**
 * One extension of the gateway. Several run in the order they are given in, `onResponse` and `onResult` in reverse, so that the
 * first is outermost. A hook refuses by throwing an AppError, which the client sees; anything else it throws is logged under the
 * hook's name and the client sees INTERNAL. A failing `onFetch` fails its fetch alone, a failing `onResponse` takes the data
 * along: it may have been there to remove something. Hooks are waited for, so they should be quick.
 */
export interface GatewayHooks {
  /** For logs and explanations. */
  readonly name: string;
  /** Whether `onFetch` looks at responses: then they are parsed for it, and the fast path, which does not, is left. @default false */
  readonly readsData?: boolean;
  readonly onRequest?: (event: RequestEvent) => Awaitable<RequestChange | Nothing>;
  readonly onPlan?: (event: PlanEvent) => Awaitable<Nothing>;
  readonly onFetch?: (event: FetchEvent) => Awaitable<FetchChange | Nothing>;
  readonly onResponse?: (event: ResponseEvent) => Awaitable<ResponseChange | Nothing>;
}
