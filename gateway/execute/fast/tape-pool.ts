/** Places of a new tape: enough for replies of some 1,000 objects. */
const INITIAL = 8_192;
/** Larger ones are not kept: 256 kB each. */
const KEPT = 65_536;
const POOL_LIMIT = 64;

/** Tapes that are used again, so that a request allocates none. */
export interface TapePool {
  take(): Int32Array;
  /** The tape must not be used afterwards. */
  give(tape: Int32Array): void;
}

/** A pool that begins empty. */
export function createTapePool(): TapePool {
  const free: Int32Array[] = [];
  return {
    take: () => free.pop() ?? new Int32Array(INITIAL),
    give(tape) {
      if (tape.length <= KEPT && free.length < POOL_LIMIT) free.push(tape);
    },
  };
}

/** A longer tape with the same beginning, for at least so many places. */
export function longer(tape: Int32Array, needed: number): Int32Array {
  const made = new Int32Array(Math.max(needed, tape.length * 2));
  made.set(tape);
  return made;
}
