import type { StoredDocument } from '../collection/document-writer.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue, invert, TAG } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import type { SortSpec } from './plan.ts';
import { PAUSE, type Scan } from './scan.ts';

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

interface Keyed {
  readonly key: string;
  readonly stored: StoredDocument;
}

const byKey = (left: Keyed, right: Keyed) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

/** Sorts a scan; with `keep` only that many of the first are held in memory. */
export function* sorted(source: Scan, sort: SortSpec, keep: number): Scan {
  let held: Keyed[] = [];
  for (const stored of source) {
    if (stored === PAUSE) {
      yield PAUSE;
      continue;
    }
    held.push({ key: sortKey(stored.document, sort), stored });
    if (held.length > keep * 2 + 1000) held = held.sort(byKey).slice(0, keep);
  }
  for (const { stored } of held.sort(byKey)) yield stored;
}
