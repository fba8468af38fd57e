import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, ExecutionResult, GraphQLFormattedError, GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Identity } from '../lib/identity.ts';
import type { Answer } from './answer.ts';
import type { ExchangeFacts } from './transport/transport.ts';

/** A request as any of the transports read it. Nothing in it has been checked beyond its JSON types. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** What the client asks of the server besides the operation (`extensions` of the request). @default none */
  readonly extensions?: Readonly<Record<string, unknown>> | null;
  /** Whether the client takes parts of the answer later: without it `@defer` is answered at once. @default false */
  readonly incremental?: boolean;
}

/** Headers of a client's request, names in lower case. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** On whose behalf and until when an operation runs. */
export interface OperationContext {
  readonly identity: Identity | null;
  readonly requestId: string;
  /** Aborted when the client goes away: running fetches are cancelled. */
  readonly signal: AbortSignal;
  /** What the client sent, names in lower case: rules say which of it subgraphs get. @default none */
  readonly headers?: ClientHeaders;
  /** Told of every exchange with a subgraph, for insight. It must not throw. */
  readonly onExchange?: (facts: ExchangeFacts) => void;
  /** Told once which way an execution went. It must not throw. */
  readonly onPath?: (facts: PathFacts) => void;
  /** Ties the fetches of one execution to it: handed to the transport as it is, never looked into. @default none */
  readonly correlation?: object;
}

/** Which of the two ways to one meaning an execution went (gateway/execute/fast), for insight. */
export interface PathFacts {
  readonly path: 'fast' | 'exact';
  /** Why not the fast one: a word of a fixed list, never data. Null on the fast path. */
  readonly reason: string | null;
}

/** How an operation was prepared, for insight. */
export interface PreparationFacts {
  /** Milliseconds of parsing, validation, coercion and pruning. */
  readonly readMs: number;
  /** Milliseconds until there was a plan. */
  readonly planMs: number;
  /** Whether the plan was known (`hit`), had to be made (`miss`) or was not needed (`none`). */
  readonly plan: 'hit' | 'miss' | 'none';
}

/** An operation that passed limit → normalise → prune → plan. Immutable; may serve many executions. */
export interface PreparedOperation {
  readonly kind: OperationTypeNode;
  readonly name: string | null;
  /** What the client sent, parsed: the answer has its shape, denied fields included (as null). */
  readonly document: DocumentNode;
  /** Coerced against the operation's definitions, and those the plan uses instead of literals (`_c_0`, `_c_1`…). */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null when nothing is left to fetch: all was denied, or it is introspection alone. */
  readonly plan: QueryPlan | null;
  /**
   * An error for each field that is known to be null, with its path (response names, no list indices): FORBIDDEN with
   * `extensions.missingScopes` where it was pruned, FIELD_UNREACHABLE where no service can be asked for it.
   */
  readonly denied: readonly GraphQLFormattedError[];
  /** How this one was made. @default not told */
  readonly preparation?: PreparationFacts;
  /** The audience it was prepared for: what is not in its schema is not told. @default null, the whole graph */
  readonly audience?: string | null;
}

/** Any supergraph, prepared and executed. It knows no HTTP, no broker and no service by name. */
export interface Engine {
  /** The API schema clients see. */
  readonly schema: GraphQLSchema;
  readonly supergraphSdl: string;
  /** The schema as a caller sees it: its audience's, as far as its scopes reach. */
  sdlFor(identity: Identity | null): string;
  /**
   * limit → parse → validate → coerce → prune by rights → plan. Throws OperationRejected. Those that extend an engine may
   * want to know of the request as well: servers pass its context.
   */
  prepare(request: GraphQLRequest, identity: Identity | null, context?: OperationContext): Promise<PreparedOperation>;
  /** Runs a query or a mutation. Never throws: failures are errors of the result. */
  execute(operation: PreparedOperation, context: OperationContext): Promise<Answer>;
  /**
   * Runs a subscription for one event: `payload` (schema field names, `__typename` inside) stands in for the plan's
   * primary fetch, the plan's rest is fetched from subgraphs. A payload without the key becomes an error.
   */
  executeEvent(
    operation: PreparedOperation,
    payload: Readonly<Record<string, unknown>>,
    context: OperationContext,
  ): Promise<ExecutionResult>;
  close(): Promise<void>;
}

/** An operation that cannot run: the errors to answer with and the HTTP status that fits them. */
export class OperationRejected extends Error {
  readonly errors: readonly GraphQLFormattedError[];
  readonly status: number;

  constructor(errors: readonly GraphQLFormattedError[], status: number) {
    super(errors[0]?.message ?? 'The operation was rejected.');
    this.name = 'OperationRejected';
    this.errors = errors;
    this.status = status;
  }
}
