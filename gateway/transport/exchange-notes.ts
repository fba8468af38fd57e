import { AppError } from '../../lib/errors.ts';
import type { SubgraphRequest } from './transport.ts';

/** Everything the transport may note to have decided about a call; docs/transport.md says what each means. */
export const VERDICTS = [
  'deduplicated',
  'queued',
  'queue-full',
  'breaker-open',
  'breaker-probe',
  'retried:absent',
  'retried:late',
  'retried:429',
  'retried:502',
  'retried:503',
  'retried:504',
  'retry-too-late',
  'retry-budget-spent',
  'try-timed-out',
  'stale-connection',
] as const;

/** One of them. */
export type Verdict = (typeof VERDICTS)[number];

/** What becomes known of one exchange while it runs. Whoever learns something writes it down here. */
export interface ExchangeNotes {
  sentBytes: number | null;
  receivedBytes: number | null;
  status: number | null;
  attempts: number;
  readonly verdicts: Verdict[];
}

/** Notes of an exchange that has not begun. */
export function newNotes(): ExchangeNotes {
  return { sentBytes: null, receivedBytes: null, status: null, attempts: 0, verdicts: [] };
}

/** Tells `onExchange` of the request how the exchange went: once, when it is over. `began` is a `performance.now()`. */
export function reportExchange(request: SubgraphRequest, notes: ExchangeNotes, began: number, error: unknown): void {
  if (!request.onExchange) return;
  request.onExchange({
    subgraph: request.subgraph,
    kind: request.operation.kind,
    ms: performance.now() - began,
    ...notes,
    error: error === null ? null : error instanceof AppError ? error.code : 'INTERNAL',
  });
}
