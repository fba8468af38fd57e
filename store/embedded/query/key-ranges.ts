import { INDEX_FIELDS_LIMIT } from '../collection/record-key.ts';
import type { KeyRange } from '../disk/reader.ts';
import { invert, successor } from '../value/key.ts';
import type { Bound, Limit } from './bounds.ts';

/** Longer keys end in a digest, so a bound is cut before it: the range grows, the filter decides. */
const CUT = INDEX_FIELDS_LIMIT - 32;

function cut(prefix: string): { key: string; isCut: boolean } {
  return prefix.length > CUT ? { key: prefix.slice(0, CUT), isCut: true } : { key: prefix, isCut: false };
}

function startAt(prefix: string, limit: Limit): string {
  const { key, isCut } = cut(prefix + limit.key);
  return limit.inclusive || isCut ? key : successor(key);
}

function endAt(prefix: string, limit: Limit): string {
  const { key, isCut } = cut(prefix + limit.key);
  return limit.inclusive || isCut ? successor(key) : key;
}

/** Everything under a prefix. */
export function under(id: string, prefix: string): KeyRange {
  const { key } = cut(prefix);
  return { start: id + key, end: successor(id + key) };
}

/** The part of an index after an equality prefix in which one field lies within a bound; the open side ends with the value's type. */
export function within(id: string, prefix: string, bound: Bound, direction: 1 | -1): KeyRange {
  const flip = (limit: Limit): Limit => (direction === 1 ? limit : { ...limit, key: invert(limit.key) });
  const [first, last] = direction === 1 ? [bound.lower, bound.upper] : [bound.upper, bound.lower];
  const known = flip((first ?? last) as Limit);
  const kind: Limit = { key: known.key[0] as string, inclusive: true };
  return {
    start: id + startAt(prefix, first ? flip(first) : kind),
    end: id + endAt(prefix, last ? flip(last) : kind),
  };
}
