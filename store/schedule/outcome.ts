import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Verdict } from './lateness.ts';
import { type Patience, pauseAfter, toReason } from './patience.ts';
import type { ScheduleRow } from './row.ts';
import type { Settlement } from './settle.ts';

/** When a handler wants to be called again. Null ends a recurrence. */
export type Rearm = { readonly dueAt: Date; readonly payload?: ScheduleRow['payload'] } | null;

/** What happens to work that fails. */
export interface FailureOptions extends Patience {
  /**
   * What a recurring entry does when it is given up. `incident`: it stands still, failed, until somebody redrives it.
   * `next`: it goes on with its next occurrence, the reason kept. @default 'incident'
   */
  readonly exhausted?: 'incident' | 'next';
}

/** What follows work that was done: what the handler wants, else the next recurrence. */
export function toDone(next: number | null, rearm: Rearm | undefined): Settlement {
  if (rearm) return { to: 'next', relative: false, ...rearm };
  if (rearm === null || next === null) return { to: 'gone' };
  return { to: 'next', dueAt: new Date(next), relative: true };
}

/** What follows work that came too late. */
export function toSkipped({ skipped, next }: Verdict, clock: Clock): Settlement {
  const times = skipped === 1 ? 'It came' : `${skipped} occurrences came`;
  const reason = { code: 'TOO_LATE', message: `${times} too late to be of use.`, at: new Date(clock.now()) };
  return next === null ? { to: 'skipped', reason } : { to: 'next', dueAt: new Date(next), relative: true, reason };
}

/** What follows work that failed: again later, or given up. */
export function toFailed(
  options: FailureOptions & { readonly clock: Clock; readonly logger: Logger },
  row: ScheduleRow,
  next: number | null,
  error: unknown,
): Settlement {
  const { clock, logger, exhausted = 'incident' } = options;
  const reason = toReason(error, clock.now());
  const facts = { err: error, kind: row.kind, tenant: row.tenant, key: row.key, attempt: row.attempt };
  const pauseMs = pauseAfter(error, row, clock.now(), options);
  if (pauseMs !== null) {
    logger.warn({ ...facts, pauseMs }, 'scheduled work failed; again');
    const firstFailedAt = row.firstFailedAt ?? reason.at;
    return { to: 'retry', at: new Date(clock.now() + pauseMs), reason, firstFailedAt };
  }
  logger.error(facts, 'scheduled work failed and is given up');
  if (exhausted === 'incident' || next === null) return { to: 'failed', reason };
  return { to: 'next', dueAt: new Date(next), relative: true, reason };
}
