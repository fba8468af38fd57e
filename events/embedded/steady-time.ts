import type { Clock } from '../../lib/clock.ts';

/** How much faster than this process lives a clock may run, and still be believed: clocks that are set right are set slowly. */
const DRIFT = 1.01;
const SLACK_MS = 1_000;

/**
 * The clock's time, but never further ahead of the time at which it was made than has passed since, by the process's own
 * count: a clock that jumps forward while we run makes nothing old. A clock that jumps between two runs is believed.
 */
export function createSteadyTime(clock: Clock, elapsed: () => number = () => performance.now()): () => number {
  const began = { at: clock.now(), elapsed: elapsed() };
  return () => Math.min(clock.now(), began.at + (elapsed() - began.elapsed) * DRIFT + SLACK_MS);
}
