/** Places of a new tape: enough for a reply of some 50 kB. */
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

/** The tape itself, or a larger one with the same beginning. */
export function withRoom(tape: Int32Array, used: number, needed: number): Int32Array {
  if (needed <= tape.length) return tape;
  const larger = new Int32Array(Math.max(needed, tape.length * 2));
  larger.set(tape.subarray(0, used));
  return larger;
}
