import type { Clock } from '../lib/clock.ts';

/** What tells one renewal of a lease from the next: it changes with each. */
export type LeaseMark = string;

/**
 * Says of leases that others hold when they have lapsed: when their mark did not change for the whole time of a lease by
 * our own steady clock. No time of day takes part, so clocks that differ or jump can neither free a lease that is kept nor
 * keep one whose holder is gone; the price is that a lease must be watched for its whole time before it is taken over.
 */
export interface LapseWatch {
  /** Notes what was read; true when it has been so for the time of a lease. */
  isLapsed(id: string, mark: LeaseMark): boolean;
  /** Forgets all but these: they are no longer held. */
  keep(ids: ReadonlySet<string>): void;
}

/** A watch over leases of that length in milliseconds. */
export function createLapseWatch({ leaseMs, steady }: { leaseMs: number; steady: Clock }): LapseWatch {
  const seen = new Map<string, { mark: LeaseMark; since: number }>();
  return {
    isLapsed: (id, mark) => {
      const before = seen.get(id);
      if (before?.mark === mark) return steady.now() - before.since >= leaseMs;
      seen.set(id, { mark, since: steady.now() });
      return false;
    },
    keep: (ids) => {
      for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
    },
  };
}
