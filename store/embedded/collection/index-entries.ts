import type { IndexDefinition } from '../catalog/definitions.ts';
import type { Entry } from '../disk/reader.ts';
import { compileFilter } from '../query/filter.ts';
import type { Predicate } from '../query/operators.ts';
import type { Document } from '../value/codec.ts';
import { encodeValue, invert, shorten, TAG } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import { arrayOnTheWay, eachElement } from './indexed-arrays.ts';
import { INDEX_FIELDS_LIMIT } from './record-key.ts';

/** What one document contributes to one index. */
export interface IndexedFields {
  /** Encoded fields, without store id and record key; none when the document is not in the index. */
  readonly keys: readonly string[];
  readonly multikey: boolean;
  /** Some key was too long and ends in a digest. */
  readonly truncated: boolean;
}

/** Of a document that is not in the index. */
export const NOT_INDEXED: IndexedFields = { keys: [], multikey: false, truncated: false };

const predicates = new WeakMap<Document, Predicate>();

/** Whether a partial index covers the document. */
function isCovered(partial: Document, document: Document): boolean {
  let test = predicates.get(partial);
  if (!test) {
    test = compileFilter(partial);
    predicates.set(partial, test);
  }
  return test(document);
}

function keysOfPath(document: Document, path: string): string[] {
  const keys = new Set<string>();
  for (const value of valuesAt(document, path)) {
    if (!Array.isArray(value)) keys.add(encodeValue(value));
    else if (value.length === 0) keys.add(TAG.emptyArray);
    else for (const element of value) keys.add(encodeValue(element));
  }
  return [...keys];
}

function isMissing(document: Document, path: string): boolean {
  return valuesAt(document, path).every((value) => value === undefined);
}

/** Every combination of the fields' values. */
function combinations(index: IndexDefinition, document: Document): string[] {
  let keys = [''];
  for (const [path, direction] of index.fields) {
    const values = keysOfPath(document, path).map((key) => (direction === 1 ? key : invert(key)));
    keys = keys.flatMap((prefix) => values.map((value) => prefix + value));
  }
  return keys;
}

/** The one key of a document that has no array in the index's paths. */
function single(index: IndexDefinition, document: Document): string {
  let key = '';
  for (const [path, direction] of index.fields) {
    const value = encodeValue(valuesAt(document, path)[0]);
    key += direction === 1 ? value : invert(value);
  }
  return key;
}

/** The keys of a document in an index. MongoError CannotIndexParallelArrays. */
export function indexedFields(index: IndexDefinition, document: Document): IndexedFields {
  if (index.partial && !isCovered(index.partial, document)) return NOT_INDEXED;
  if (index.sparse && index.fields.every(([path]) => isMissing(document, path))) return NOT_INDEXED;
  const array = arrayOnTheWay(index, document);
  const long =
    array === null
      ? [single(index, document)]
      : eachElement(index, document, array).flatMap((part) => combinations(index, part));
  const keys = long.map((key) => shorten(key, INDEX_FIELDS_LIMIT));
  return {
    keys: array === null ? keys : [...new Set(keys)],
    multikey: array !== null,
    truncated: long.some((key) => key.length > INDEX_FIELDS_LIMIT),
  };
}

/** The entry of a key: a unique index holds the record key as value, others at the end of the key, its place as value. */
export function toEntry(index: IndexDefinition, fields: string, recordKey: string): Entry {
  if (index.unique) return [index.id + fields, Buffer.from(recordKey, 'latin1')];
  const place = Buffer.allocUnsafe(2);
  place.writeUInt16BE(index.id.length + fields.length);
  return [index.id + fields + recordKey, place];
}

/** The record key an entry points to. */
export function recordKeyOf(index: IndexDefinition, [key, value]: Entry): string {
  if (index.unique) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return key.slice(((value[0] as number) << 8) | (value[1] as number));
}
