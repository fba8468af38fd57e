import type { IndexDefinition } from '../catalog/definitions.ts';
import type { KeyRange } from '../disk/reader.ts';
import { invert } from '../value/key.ts';
import type { Bound, Bounds } from './bounds.ts';
import { under, within } from './key-ranges.ts';

/** Most combinations of listed values that are looked up one by one. */
const MAX_COMBINATIONS = 1000;

/** The parts of an index that hold every match. */
export interface IndexRanges {
  readonly ranges: readonly KeyRange[];
  /** Leading fields that are held to values. */
  readonly equal: number;
  /** Whether the field after those is held to a range. */
  readonly ranged: boolean;
  /** Whether the leading fields have one value each, so that the ranges are one run of the index. */
  readonly single: boolean;
}

/** In a multikey index one element may meet the lower bound and another the upper, so only one side can be used. */
function usableRange(index: IndexDefinition, bound: Bound): Bound {
  return index.multikey && bound.lower ? { lower: bound.lower } : bound;
}

/** The ranges of an index that the bounds leave. */
export function rangesOf(index: IndexDefinition, bounds: Bounds): IndexRanges {
  let prefixes = [''];
  let equal = 0;
  for (const [path, direction] of index.fields) {
    const bound = bounds.get(path);
    const equals = bound?.equals;
    if (bound && !equals) {
      const range = usableRange(index, bound);
      const ranges = prefixes.map((prefix) => within(index.id, prefix, range, direction));
      return { ranges, equal, ranged: true, single: prefixes.length === 1 };
    }
    if (!equals || equals.length * prefixes.length > MAX_COMBINATIONS) break;
    const keys = equals.map((key) => (direction === 1 ? key : invert(key)));
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => prefix + key));
    equal += 1;
  }
  const ranges = prefixes.map((prefix) => under(index.id, prefix));
  return { ranges, equal, ranged: false, single: prefixes.length === 1 };
}
