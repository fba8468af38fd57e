import type { Clock } from '../../lib/clock.ts';
import { steadyClock } from '../../store/steady-clock.ts';

/** Remembers that something is down, so that not everybody has to find out for himself. */
export interface Breaker {
  /**
   * Whether to try it. True while it works; false for some seconds after it failed; then true for one caller, the probe,
   * at a time. Who is told true must say afterwards what came of it.
   */
  admits(): boolean;
  succeed(): void;
  fail(): void;
}

/** A breaker that works at first. Times are measured by a clock that does not jump. */
export function createBreaker({ openMs, steady = steadyClock }: { openMs: number; steady?: Clock }): Breaker {
  let openUntil: number | null = null;
  let isProbing = false;
  return {
    admits: () => {
      if (openUntil === null) return true;
      if (isProbing || steady.now() < openUntil) return false;
      isProbing = true;
      return true;
    },
    succeed: () => {
      openUntil = null;
      isProbing = false;
    },
    fail: () => {
      openUntil = steady.now() + openMs;
      isProbing = false;
    },
  };
}
