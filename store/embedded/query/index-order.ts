import type { IndexDefinition } from '../catalog/definitions.ts';
import type { Bounds } from './bounds.ts';
import type { IndexRanges } from './index-ranges.ts';
import type { SortSpec } from './plan.ts';

/** How ranges of an index are read to give a sort. */
export interface IndexOrder {
  readonly reverse: boolean;
  /** All ranges at once, the least of their next entries first; else one range after the other. */
  readonly merged: boolean;
}

type Fields = IndexDefinition['fields'];

/** Which way the fields give the sort; null when they do not. */
function directionOf(fields: Fields, wanted: SortSpec): 'forward' | 'reverse' | null {
  if (wanted.length > fields.length) return null;
  const flips = new Set<boolean>();
  for (const [at, [path, direction]] of wanted.entries()) {
    const field = fields[at];
    if (field?.[0] !== path) return null;
    flips.add(field[1] !== direction);
  }
  if (flips.size > 1) return null;
  return flips.has(true) ? 'reverse' : 'forward';
}

/** Entries alike in all fields follow each other by `_id`; in a unique index there are none alike. */
function withTie(index: IndexDefinition, fields: Fields, areIdsWhole: boolean): Fields {
  if (index.unique || !areIdsWhole || fields.some(([path]) => path === '_id')) return fields;
  return [...fields, ['_id', 1]];
}

function toOrder(direction: 'forward' | 'reverse' | null, merged: boolean): IndexOrder | null {
  return direction === null ? null : { reverse: direction === 'reverse', merged };
}

/**
 * Whether reading the ranges of an index gives the sort, and how: as they follow each other, or merged by what comes after
 * the fields held to values. Null when neither does.
 */
export function orderOf(
  index: IndexDefinition,
  { equal, ranges }: IndexRanges,
  bounds: Bounds,
  sort: SortSpec,
  areIdsWhole: boolean,
): IndexOrder | null {
  if (index.multikey || index.truncated) return null;
  // Only of its own fields does the index say that they hold no arrays: one element of an array may be the value asked for,
  // and another the one to sort by.
  const isSingle = (path: string) =>
    bounds.get(path)?.equals?.length === 1 && index.fields.some(([field]) => field === path);
  const wanted = sort.filter(([path]) => !isSingle(path));
  const fields = withTie(
    index,
    index.fields.filter(([path], at) => at >= equal || !isSingle(path)),
    areIdsWhole,
  );
  // Where all fields of a unique index are sorted by there are no ties for further fields to break.
  const isDecided = wanted.length > fields.length && index.unique && !index.sparse && !index.partial;
  const inTurn = toOrder(directionOf(fields, isDecided ? wanted.slice(0, fields.length) : wanted), false);
  if (inTurn || ranges.length < 2) return inTurn;
  return toOrder(directionOf(withTie(index, index.fields.slice(equal), areIdsWhole), wanted), true);
}
