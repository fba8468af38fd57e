import { HeldBytes } from '../aggregate/held-documents.ts';
import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { StoredDocument } from '../collection/document-writer.ts';
import type { Reader } from '../disk/reader.ts';
import { notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { valuesAt } from '../value/path.ts';
import { type Collation, rankAmong, stringsIn } from './collation.ts';
import { compileFilter } from './filter.ts';
import { type FindOptions, find } from './find.ts';
import type { Predicate } from './operators.ts';
import { PAUSE, type Scan } from './scan.ts';
import { sortKey } from './sort.ts';

/** Conditions that look at text by other rules than a collation's. */
const UNCOLLATED = new Set(['$expr', '$regex', '$options', '$type']);

function refuseUncollated(filter: unknown): void {
  if (filter instanceof RegExp) throw notSupported('A regular expression beside a collation');
  if (Array.isArray(filter)) for (const element of filter) refuseUncollated(element);
  if (!isDocument(filter)) return;
  for (const [name, value] of Object.entries(filter)) {
    if (UNCOLLATED.has(name)) throw notSupported(`${name} beside a collation`);
    refuseUncollated(value);
  }
}

/** Whether documents match a filter whose strings compare by a collation. MongoError CommandNotSupported. */
export function compileCollated(filter: Document, collation: Collation): Predicate {
  refuseUncollated(filter);
  const ranked = rankAmong(stringsIn(filter), collation);
  const matches = compileFilter(ranked(filter) as Document);
  return (document) => matches(ranked(document) as Document);
}

function* filtered(source: Scan, matches: Predicate): Scan {
  for (const stored of source) if (stored === PAUSE || matches(stored.document)) yield stored;
}

function* sortedBy(source: Scan, sort: NonNullable<FindOptions['sort']>, collation: Collation): Scan {
  const held = new HeldBytes('sort');
  const list: StoredDocument[] = [];
  const strings = new Set<string>();
  for (const stored of source) {
    if (stored === PAUSE) {
      yield PAUSE;
      continue;
    }
    held.add(stored.bytes.length);
    for (const [path] of sort) stringsIn(valuesAt(stored.document, path), strings);
    list.push(stored);
  }
  const ranked = rankAmong(strings, collation);
  const keyed = list.map((stored) => ({ stored, key: sortKey(ranked(stored.document) as Document, sort) }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  for (const { stored } of keyed) yield stored;
}

function* cut(source: Scan, skip: number, limit: number): Scan {
  let passed = 0;
  for (const stored of source) {
    if (stored === PAUSE) yield PAUSE;
    else if (++passed > skip) yield stored;
    if (limit > 0 && passed >= skip + limit) return;
  }
}

/** A query with a collation: all documents are looked at, since no index is in its order. */
export function findCollated(
  reader: Reader,
  collection: CollectionDefinition,
  { filter, sort = [], skip = 0, limit = 0, hint }: FindOptions,
  collation: Collation,
): Scan {
  const everything = find(reader, collection, { filter: {}, hint }).documents;
  const matching = filtered(everything, compileCollated(filter, collation));
  const ordered = sort.length > 0 ? sortedBy(matching, sort, collation) : matching;
  return cut(ordered, skip, limit);
}
