/** Where time comes from. Injected everywhere, so that tests freeze it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands at `start` (milliseconds) and moves only when told to. */
export function createFrozenClock(start: number): Clock & { advance(milliseconds: number): void } {
  let current = start;
  return {
    now: () => current,
    advance: (milliseconds) => {
      current += milliseconds;
    },
  };
}

/** RFC 3339 text, in UTC with milliseconds, of the clock's present. */
export function toTimestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
