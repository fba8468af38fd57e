import type { LatePolicy } from './row.ts';

/** What is to become of an entry that is due. */
export type Verdict =
  | {
      readonly action: 'run';
      /** The occurrence that is run. */
      readonly dueAt: number;
      /** Later occurrences that are due too and are not run on their own: this run is for all of them. */
      readonly missed: number;
      /** Earlier occurrences that came too late. */
      readonly skipped: number;
      /** When the one after that is due; null when there is none. */
      readonly next: number | null;
    }
  | { readonly action: 'skip'; readonly skipped: number; readonly next: number | null };

/** An entry that is due, in milliseconds. */
export interface DueEntry {
  readonly dueAt: number;
  readonly every: number | null;
  readonly late: LatePolicy;
  readonly now: number;
}

/**
 * Decides by the entry's policy. Occurrences lie on the grid of the first `dueAt`, so recurrence does not drift.
 * `run`: each occurrence, however late. `once`: all that are due in one run. `skipAfterMs`: those later than that are dropped.
 */
export function judgeLateness({ dueAt, every, late, now }: DueEntry): Verdict {
  const dueCount = every === null ? 1 : Math.max(1, Math.floor((now - dueAt) / every) + 1);
  const at = (index: number): number | null => (every === null ? null : dueAt + index * every);
  if (late === 'run') return { action: 'run', dueAt, missed: 0, skipped: 0, next: at(1) };
  if (late === 'once') return { action: 'run', dueAt, missed: dueCount - 1, skipped: 0, next: at(dueCount) };
  const skipped = tooLate(now - dueAt - late.skipAfterMs, every, dueCount);
  if (skipped === dueCount) return { action: 'skip', skipped, next: at(dueCount) };
  return { action: 'run', dueAt: at(skipped) ?? dueAt, missed: 0, skipped, next: at(skipped + 1) };
}

/** How many of the due occurrences are late by more than is allowed; `over` is by how much the first is. */
function tooLate(over: number, every: number | null, dueCount: number): number {
  if (over <= 0) return 0;
  return every === null ? 1 : Math.min(dueCount, Math.ceil(over / every));
}
