import type { DocumentNode, GraphQLFormattedError } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import type { ClientHeaders } from '../engine.ts';

/** One operation sent to one subgraph. The document was written by the planner and is valid. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly operation: SubgraphOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The variables as JSON, where the executor has them written already: then `variables` is made only if it is read. */
  readonly variablesJson?: string;
  /** On whose behalf; null for an anonymous caller of a gateway without authentication. */
  readonly identity: Identity | null;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** What the client sent; the transport's rules say what of it is passed on. @default none */
  readonly clientHeaders?: ClientHeaders;
  /** Told once how the exchange went, whether it succeeded or not. It must not throw. */
  readonly onExchange?: (facts: ExchangeFacts) => void;
  /** Headers to send besides: a trace's, a hook's. They win over forwarded ones, never over the transport's own. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The execution that this is a fetch of (`OperationContext.correlation`). */
  readonly correlation?: object;
}

/** How one exchange with a subgraph went: for traces, metrics and explanations. */
export interface ExchangeFacts {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  /** Milliseconds, all tries together. */
  readonly ms: number;
  /** Bytes of bodies; null where nothing was serialised. */
  readonly sentBytes: number | null;
  readonly receivedBytes: number | null;
  /** HTTP status of the last answer; null when there was none, or no HTTP. */
  readonly status: number | null;
  /** How often it was sent; 0 when it was refused unsent (breaker, queue full) or shared with another. */
  readonly attempts: number;
  /** `deduplicated`, `breaker-open`, `retried`…: what the transport decided, in order. */
  readonly verdicts: readonly string[];
  /** The code of the failure; null when there was a GraphQL response. */
  readonly error: string | null;
}

/** A response as it came: a body that has not been looked at. */
export interface RawResponse {
  /** HTTP status. */
  readonly status: number;
  /** Inflated, within the transport's limit. */
  readonly bytes: Buffer;
}

/** A subgraph operation as text and parsed; one object per plan node, so that transports may cache by identity. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation';
  readonly text: string;
  readonly document: DocumentNode;
  readonly name?: string;
}

/** A GraphQL response of a subgraph. Prototype-less or plain objects alike. */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/**
 * How the gateway reaches subgraphs. Rejects with AppError SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT or
 * SUBGRAPH_INVALID_RESPONSE, whose messages name the subgraph and never a URL.
 */
export interface SubgraphTransport {
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  /** The same exchange, its body as bytes; absent where subgraphs answer with objects, or where somebody must see them. */
  readonly sendRaw?: (request: SubgraphRequest) => Promise<RawResponse>;
  /** How the circuit breakers stand, by subgraph; absent where there are none. */
  readonly breakers?: () => ReadonlyMap<string, BreakerState>;
  close(): Promise<void>;
}

/** `open`: the subgraph is spared, but for a probe now and then. */
export type BreakerState = 'open' | 'closed';

/** A subgraph in this process. It masks its own errors and makes a fresh context for every call. */
export interface LocalSubgraph {
  readonly name: string;
  execute(request: Omit<SubgraphRequest, 'subgraph'>): Promise<SubgraphResponse>;
}
