import type { DocumentNode, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Identity } from '../../lib/identity.ts';
import type { WebhookReceiver } from './webhook.ts';

/** One operation for a subgraph, as the gateway's planner wrote it: valid against this schema, hence not validated again. */
export interface SubgraphCall {
  readonly operation: {
    readonly kind: 'query' | 'mutation';
    readonly text: string;
    readonly document: DocumentNode;
    readonly name?: string;
  };
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null is refused: every field of ours belongs to a tenant. */
  readonly identity: Identity | null;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What a subgraph answers. Its errors are masked and coded. */
export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** An opened service. It has the shape of the gateway's local subgraph, and may as well be served over HTTP. */
export interface Subgraph {
  /** Its name in supergraph.yaml. */
  readonly name: string;
  /** The guarded schema. */
  readonly schema: GraphQLSchema;
  /** The text of its `schema.graphql`. */
  readonly sdl: string;
  /** Runs one operation in this process. Never rejects. */
  execute(call: SubgraphCall): Promise<SubgraphAnswer>;
  /** Id prefix → type name of what `node(id)` serves from here. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Which of the ids (of its own prefixes) exist in the tenant. */
  readonly exists?: (tenant: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly webhook?: WebhookReceiver;
  /** Starts its consumers; a second call does nothing. */
  start(): Promise<void>;
  /** Stops them; operations that run may finish. */
  close(): Promise<void>;
}
