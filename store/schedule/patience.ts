import { type BackoffOptions, backoffMs } from '../../events/backoff.ts';
import { AppError } from '../../lib/errors.ts';
import type { Reason, ScheduleRow } from './row.ts';

/** Longest reason kept, in characters. */
const MESSAGE_LENGTH = 1_000;
/** Longest pause between two tries. */
export const LONGEST_PAUSE_MS = 5 * 60_000;

/** For how long a failing handler is tried again. */
export interface Patience {
  /** Failures of the unexpected kind before it is given up. @default 5 */
  readonly maxAttempts?: number;
  /** Milliseconds after the first failure for which retryable ones are tried again. @default 86400000 */
  readonly retryForMs?: number;
  /** @default from 1 s, doubling to 5 min */
  readonly backoff?: BackoffOptions;
}

/**
 * Milliseconds until the next try, or null: give up. As for consumers of the bus: an AppError that is retryable is tried
 * for `retryForMs`, one that is not is not, anything else has `maxAttempts`.
 */
export function pauseAfter(
  error: unknown,
  { failures, firstFailedAt }: Pick<ScheduleRow, 'failures' | 'firstFailedAt'>,
  now: number,
  { maxAttempts = 5, retryForMs = 86_400_000, backoff }: Patience,
): number | null {
  const isExpected = error instanceof AppError;
  if (isExpected && !error.retryable) return null;
  const isOver = isExpected ? now - (firstFailedAt?.getTime() ?? now) >= retryForMs : failures + 1 >= maxAttempts;
  return isOver ? null : backoffMs(failures + 1, { firstMs: 1_000, maxMs: LONGEST_PAUSE_MS, ...backoff });
}

/** The reason that a failure leaves with its entry. */
export function toReason(error: unknown, now: number): Reason {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof AppError ? error.code : 'INTERNAL';
  return { code, message: message.slice(0, MESSAGE_LENGTH), at: new Date(now) };
}
