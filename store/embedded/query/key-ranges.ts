import type { KeyRange } from '../disk/reader.ts';
import { encodeValue, invert, successor } from '../value/key.ts';
import type { Bound, Limit } from './bounds.ts';

/** A run of an index. */
export interface IndexRange extends KeyRange {
  /** Length of what all its keys begin with; what follows is in the order of the fields after those held to values. */
  readonly prefix: number;
}

/** The key of NaN: the least number, and in no range of numbers. */
export const NOT_A_NUMBER = encodeValue(Number.NaN);

/** `cut`: longer keys end in a digest, so a bound is cut before it: the range grows, the filter decides. */
function startAt(prefix: string, limit: Limit, cut: number): string {
  const key = prefix + limit.key;
  if (key.length > cut) return key.slice(0, cut);
  return limit.inclusive ? key : successor(key);
}

function endAt(prefix: string, limit: Limit, cut: number): string {
  const key = prefix + limit.key;
  if (key.length > cut) return successor(key.slice(0, cut));
  return limit.inclusive ? successor(key) : key;
}

/** Everything under a prefix. */
export function under(id: string, prefix: string, cut: number): IndexRange {
  const start = id + (prefix.length > cut ? prefix.slice(0, cut) : prefix);
  return { start, end: successor(start), prefix: start.length };
}

/** The open side of a bound ends with the kind of its other side. */
function openEnds({ lower, upper }: Bound): { lower: Limit; upper: Limit } {
  const kind = ((lower ?? upper) as Limit).key[0] as string;
  const least = kind === NOT_A_NUMBER[0] ? { key: NOT_A_NUMBER, inclusive: false } : { key: kind, inclusive: true };
  return { lower: lower ?? least, upper: upper ?? { key: kind, inclusive: true } };
}

/** The part of an index after an equality prefix in which one field lies within a bound. */
export function within(id: string, prefix: string, bound: Bound, direction: 1 | -1, cut: number): IndexRange {
  const { lower, upper } = openEnds(bound);
  const flip = (limit: Limit): Limit => (direction === 1 ? limit : { ...limit, key: invert(limit.key) });
  const [first, last] = direction === 1 ? [lower, upper] : [upper, lower];
  return {
    start: id + startAt(prefix, flip(first), cut),
    end: id + endAt(prefix, flip(last), cut),
    prefix: id.length + prefix.length,
  };
}
