import { createHash } from 'node:crypto';
import type { Draw } from '../objects/ids.ts';

/** Chance that is the same for the same texts: a number from 0 to the bound (excluded) at each call (mulberry32). */
export function createDraw(...texts: readonly string[]): Draw {
  let state = createHash('sha256').update(texts.join('\n')).digest().readUInt32LE(0);
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound);
  };
}
