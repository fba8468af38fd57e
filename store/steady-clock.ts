import type { Clock } from '../lib/clock.ts';

/**
 * Milliseconds since some moment of this process: never goes back, whatever happens to the time of day. Leases are measured
 * by it; it says nothing to another process, and it may stand still while the machine sleeps.
 */
export const steadyClock: Clock = { now: () => performance.now() };
