import type { DocumentNode, GraphQLFormattedError } from 'graphql';
import type { Identity } from '../../lib/identity.ts';

/** One operation sent to one subgraph. The document was written by the planner and is valid. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly operation: SubgraphOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  /** On whose behalf; null for an anonymous caller of a gateway without authentication. */
  readonly identity: Identity | null;
  readonly requestId: string;
  readonly signal: AbortSignal;
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
  close(): Promise<void>;
}

/** A subgraph in this process. It masks its own errors and makes a fresh context for every call. */
export interface LocalSubgraph {
  readonly name: string;
  execute(request: Omit<SubgraphRequest, 'subgraph'>): Promise<SubgraphResponse>;
}
