import type { IndexDefinition } from '../catalog/definitions.ts';
import type { Entry } from '../disk/reader.ts';
import { MongoError } from '../mongo-error.ts';
import { compileFilter } from '../query/filter.ts';
import type { Document } from '../value/codec.ts';
import { encodeValue, invert, shorten, TAG } from '../value/key.ts';
import { meetsArray, valuesAt } from '../value/path.ts';
import { INDEX_FIELDS_LIMIT } from './record-key.ts';

/** What one document contributes to one index. */
export interface IndexedFields {
  /** Encoded fields, without store id and record key; none when the document is not in the index. */
  readonly keys: readonly string[];
  readonly multikey: boolean;
}

const NONE: IndexedFields = { keys: [], multikey: false };

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

function rejectParallelArrays(index: IndexDefinition, document: Document): boolean {
  const roots = new Set<string>();
  for (const [path] of index.fields) if (meetsArray(document, path)) roots.add(path.split('.')[0] as string);
  if (roots.size > 1)
    throw new MongoError('CannotIndexParallelArrays', `cannot index parallel arrays [${[...roots].join('] [')}]`);
  return roots.size > 0;
}

/** The keys of a document in an index. MongoError CannotIndexParallelArrays. */
export function indexedFields(index: IndexDefinition, document: Document): IndexedFields {
  if (index.partial && !compileFilter(index.partial)(document)) return NONE;
  if (index.sparse && index.fields.every(([path]) => isMissing(document, path))) return NONE;
  const multikey = rejectParallelArrays(index, document);
  let keys = [''];
  for (const [path, direction] of index.fields) {
    const values = keysOfPath(document, path).map((key) => (direction === 1 ? key : invert(key)));
    keys = keys.flatMap((prefix) => values.map((value) => prefix + value));
  }
  return { keys: [...new Set(keys.map((key) => shorten(key, INDEX_FIELDS_LIMIT)))], multikey };
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
