import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue, invert, TAG } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import type { SortSpec } from './plan.ts';

/** A sort document as list. MongoError BadValue on a direction other than 1 and -1. */
export function toSortSpec(sort: unknown): SortSpec {
  if (!isDocument(sort)) return [];
  return Object.entries(sort).map(([path, direction]) => {
    if (direction !== 1 && direction !== -1)
      throw new MongoError('BadValue', `Illegal key in $sort specification: ${path}: ${JSON.stringify(direction)}`);
    return [path, direction];
  });
}

/** A key by which documents sort as the specification says: of an array the least element ascending, the greatest descending. */
export function sortKey(document: Document, sort: SortSpec): string {
  return sort
    .map(([path, direction]) => {
      const keys = valuesAt(document, path).flatMap((value) => {
        if (!Array.isArray(value)) return [encodeValue(value)];
        return value.length === 0 ? [TAG.emptyArray] : value.map(encodeValue);
      });
      keys.sort();
      return direction === 1 ? (keys[0] as string) : invert(keys.at(-1) as string);
    })
    .join('');
}
