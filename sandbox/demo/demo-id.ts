import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** An id of ours (`<prefix>_<ULID>`) whose chance comes from the seed. `time`: milliseconds since the epoch. */
export function demoId(prefix: string, time: number, random: Random): string {
  let rest = time;
  let digits = '';
  for (let place = 0; place < TIME_DIGITS; place += 1) {
    digits = ALPHABET.charAt(rest % 32) + digits;
    rest = Math.floor(rest / 32);
  }
  for (let place = 0; place < RANDOM_DIGITS; place += 1) digits += ALPHABET.charAt(random.between(0, 31));
  return `${prefix}_${digits}`;
}
