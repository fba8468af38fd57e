import type { ExchangeNotes } from './exchange-notes.ts';
import type { Lifetime } from './lifetime.ts';
import type { SubgraphRequest } from './transport.ts';

/** One call to one subgraph on its way through the layers. */
export interface Call {
  readonly request: SubgraphRequest;
  /** The JSON to send. */
  readonly body: string;
  /** Header lines that come from this client or a hook, and that the answer may depend on. */
  readonly headers: string;
  /** Header lines of ours: the caller as the subgraph is told of him, the request id, traces. */
  readonly marks: string;
  readonly lifetime: Lifetime;
  readonly notes: ExchangeNotes;
}

/** What a subgraph answered, whatever its status. */
export interface Reply {
  readonly status: number;
  /** Inflated. */
  readonly bytes: Buffer;
  readonly contentType: string | null;
  /** What `Retry-After` says, unread. */
  readonly retryAfter: string | null;
}

/** Makes a call and brings its reply. Rejects with SubgraphFailure. */
export type Exchange = (call: Call) => Promise<Reply>;

/**
 * One concern around an exchange. Layers stand in one order: dedupe → concurrency → breaker → retry → try timeout → exchange
 * (docs/transport.md says why).
 */
export type Layer = (next: Exchange) => Exchange;
