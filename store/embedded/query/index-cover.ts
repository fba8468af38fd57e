import type { IndexDefinition } from '../catalog/definitions.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { TAG } from '../value/key.ts';
import type { Bound, Bounds, Limit } from './bounds.ts';
import { boundsOfCondition, isBoundExact } from './condition-bounds.ts';
import { NOT_A_NUMBER } from './key-ranges.ts';

function isPresent(bound: Bound | undefined): boolean {
  return bound !== undefined && !bound.equals?.includes(TAG.null);
}

function isAbove(key: string, lower: Limit): boolean {
  return key[0] === lower.key[0] && (lower.inclusive ? key >= lower.key : key > lower.key);
}

function isBelow(key: string, upper: Limit): boolean {
  return key[0] === upper.key[0] && key !== NOT_A_NUMBER && (upper.inclusive ? key <= upper.key : key < upper.key);
}

/** Whether whatever lies within `inner` lies within `outer`. */
function liesWithin(inner: Bound, { equals, lower, upper }: Bound): boolean {
  if (equals) return inner.equals?.every((key) => equals.includes(key)) ?? false;
  const points = inner.equals;
  if (points) return points.every((key) => (!lower || isAbove(key, lower)) && (!upper || isBelow(key, upper)));
  const isLowerMet = !lower || (inner.lower && isAbove(inner.lower.key, lower));
  const isUpperMet = !upper || (inner.upper && isBelow(inner.upper.key, upper));
  // An exclusive end at an exclusive end lies within, though its key does not.
  return Boolean((isLowerMet || isSame(inner.lower, lower)) && (isUpperMet || isSame(inner.upper, upper)));
}

function isSame(left: Limit | undefined, right: Limit | undefined): boolean {
  return left !== undefined && right !== undefined && left.key === right.key && left.inclusive === right.inclusive;
}

function isImplied(path: string, condition: unknown, filter: Document, bounds: Bounds): boolean {
  if (path in filter && isEqualValue(filter[path], condition)) return true;
  const bound = bounds.get(path);
  if (!bound) return false;
  if (isDocument(condition) && Object.keys(condition).join() === '$exists')
    return Boolean(condition['$exists']) && isPresent(bound);
  if (!isBoundExact(condition)) return false;
  return boundsOfCondition(condition).every((outer) => liesWithin(bound, outer));
}

/** Whether every document the filter matches is in a partial index: its own filter is implied. */
function coversPartial({ partial }: IndexDefinition, filter: Document, bounds: Bounds): boolean {
  if (!partial) return true;
  return Object.entries(partial).every(([path, condition]) => isImplied(path, condition, filter, bounds));
}

/** A sparse index leaves out documents without any of its fields, so some field must be known to be there. */
function coversSparse(index: IndexDefinition, bounds: Bounds): boolean {
  return !index.sparse || index.fields.some(([path]) => isPresent(bounds.get(path)));
}

/** Whether an index holds all documents that the filter matches. */
export function covers(index: IndexDefinition, filter: Document, bounds: Bounds): boolean {
  return coversPartial(index, filter, bounds) && coversSparse(index, bounds);
}
