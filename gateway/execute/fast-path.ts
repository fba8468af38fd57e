import type { Answer } from '../answer.ts';
import type { OperationContext } from '../engine.ts';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { RawResponse } from '../transport/transport.ts';
import type { Schedule } from './schedule.ts';

/** How a request of a schedule went that was sent on behalf of the exact executor. */
export interface FetchedReply {
  /** What was sent: the reply counts only for a request with exactly these variables. */
  readonly variablesJson: string;
  /** The response as it came, or what the transport rejected with. */
  readonly outcome: { readonly response: RawResponse } | { readonly error: unknown };
}

/** How an attempt at the short way ended. */
export type FastOutcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /**
   * Something was not plain. The exact executor goes on from the replies there are: a request whose reply is among them is
   * not sent again, the others are sent.
   */
  | { readonly kind: 'left'; readonly replies: ReadonlyMap<number, FetchedReply> };

/**
 * A shorter way to the same answer for operations and replies without anything particular. Replies are keyed by
 * `ScheduledRequest.index`. Null at once when this operation is not for it. The promise may not reject; a mutation whose
 * reply is not handed over would be sent twice.
 */
export interface FastPath {
  tryExecute(operation: ShapedOperation, context: OperationContext, schedule: Schedule): Promise<FastOutcome> | null;
}
