import { pause } from '../events/backoff.ts';

/** A sleep that can be ended from outside. */
export interface Wake {
  /** Ends the sleep; while awake, it ends the next one at once. */
  now(): void;
  /** Sleeps, or less. Never throws. */
  within(milliseconds: number): Promise<void>;
}

/** A sleep that also ends when the signal aborts. */
export function createWake(signal: AbortSignal): Wake {
  let pending = false;
  let sleeper: AbortController | null = null;
  return {
    now: () => {
      pending = true;
      sleeper?.abort();
    },
    within: async (milliseconds) => {
      if (!pending) {
        sleeper = new AbortController();
        await pause(milliseconds, AbortSignal.any([signal, sleeper.signal]));
        sleeper = null;
      }
      pending = false;
    },
  };
}
