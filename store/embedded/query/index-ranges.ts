import type { IndexDefinition } from '../catalog/definitions.ts';
import { DIGEST_LENGTH, invert } from '../value/key.ts';
import type { Bound, Bounds } from './bounds.ts';
import { type IndexRange, under, within } from './key-ranges.ts';

/** Most combinations of listed values that are looked up one by one. */
const MAX_COMBINATIONS = 1000;

/** The parts of an index that hold every match. */
export interface IndexRanges {
  /** In the order of the index, none overlapping another. */
  readonly ranges: readonly IndexRange[];
  /** Leading fields that are held to values. */
  readonly equal: number;
  /** Whether the field after those is held to a range. */
  readonly ranged: boolean;
  /** Whether the ranges hold nothing but what the bounds of all these fields allow. */
  readonly exact: boolean;
}

/** In a multikey index one element may meet the lower bound and another the upper, so only one side can be used. */
function usableRange(index: IndexDefinition, bound: Bound): Bound {
  return index.multikey && bound.lower ? { lower: bound.lower } : bound;
}

/**
 * In a multikey index two fields of one array may be met by two of its elements, which have an entry each: of the fields
 * below one root only the first can be held to anything.
 */
function usableFields({ fields, multikey }: IndexDefinition): IndexDefinition['fields'] {
  if (!multikey) return fields;
  const roots = fields.map(([path]) => path.split('.')[0]);
  const repeated = roots.findIndex((root, at) => roots.indexOf(root) < at);
  return repeated < 0 ? fields : fields.slice(0, repeated);
}

function unique(ranges: readonly IndexRange[]): readonly IndexRange[] {
  return [...new Map(ranges.map((range) => [range.start, range])).values()];
}

/** The ranges of an index that the bounds leave. `keyLimit`: the length from which keys of this index end in a digest. */
export function rangesOf(index: IndexDefinition, bounds: Bounds, keyLimit: number): IndexRanges {
  const cut = keyLimit - DIGEST_LENGTH;
  let prefixes = [''];
  let equal = 0;
  for (const [path, direction] of usableFields(index)) {
    const bound = bounds.get(path);
    const equals = bound?.equals;
    if (bound && !equals) {
      const range = usableRange(index, bound);
      const ranges = prefixes.map((prefix) => within(index.id, prefix, range, direction, cut));
      const exact = isWhole(ranges, index.id, cut) && !index.multikey;
      return { ranges: unique(ranges), equal, ranged: true, exact };
    }
    if (!equals || equals.length * prefixes.length > MAX_COMBINATIONS) break;
    const keys = direction === 1 ? equals : equals.map(invert).reverse();
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => prefix + key));
    equal += 1;
  }
  const ranges = prefixes.map((prefix) => under(index.id, prefix, cut));
  return { ranges: unique(ranges), equal, ranged: false, exact: isWhole(ranges, index.id, cut) && !index.multikey };
}

/** Whether no bound was cut. */
function isWhole(ranges: readonly IndexRange[], id: string, cut: number): boolean {
  return ranges.every(({ start, end }) => Math.max(start.length, end.length) - id.length < cut);
}
