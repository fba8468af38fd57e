import { type CollectionDefinition, type IndexDefinition, type IndexShape, widens } from '../catalog/definitions.ts';
import type { Overlay } from '../disk/overlay.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, decode } from '../value/codec.ts';
import { valuesAt } from '../value/path.ts';
import { indexedFields, NOT_INDEXED, recordKeyOf, toEntry } from './index-entries.ts';
import { type FieldPicker, pickFields } from './pick-fields.ts';
import { isLongId } from './record-key.ts';

/** The largest document MongoDB takes, in bytes. */
export const MAX_DOCUMENT_SIZE = 16 * 1024 * 1024;

/** A document as stored: its bytes and what they say. */
export interface StoredDocument {
  readonly recordKey: string;
  readonly bytes: Uint8Array;
  readonly document: Document;
}

/** A document as read: decoded when first looked into, since many are only passed on. */
export class ReadDocument implements StoredDocument {
  readonly recordKey: string;
  readonly bytes: Uint8Array;
  #document: Document | null = null;

  constructor(recordKey: string, bytes: Uint8Array) {
    this.recordKey = recordKey;
    this.bytes = bytes;
  }

  get document(): Document {
    this.#document ??= decode(this.bytes);
    return this.#document;
  }

  /** The document, or as much of it as the picker wants. */
  look(picker: FieldPicker | null): Document {
    return picker && !this.#document ? pickFields(this.bytes, picker) : this.document;
  }
}

/** Told what a document makes of an index or of the `_id`s; it must be kept before the write is committed. */
export type OnShape = (shape: IndexShape) => void;

function duplicate(collection: CollectionDefinition, index: IndexDefinition, document: Document): MongoError {
  const keyValue = Object.fromEntries(index.fields.map(([path]) => [path, valuesAt(document, path)[0] ?? null]));
  return duplicateKey(collection.namespace, index.name, Object.fromEntries(index.fields), keyValue);
}

/** Error 11000 as MongoDB words it. */
export function duplicateKey(namespace: string, index: string, keyPattern: Document, keyValue: Document): MongoError {
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${JSON.stringify(value) ?? 'null'}`);
  const message = `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown.join(', ')} }`;
  return new MongoError('DuplicateKey', message, { keyPattern, keyValue });
}

function rejectOversize(bytes: Uint8Array): void {
  if (bytes.length > MAX_DOCUMENT_SIZE)
    throw new MongoError(
      'BSONObjectTooLarge',
      `Document of ${bytes.length} bytes is over the limit of ${MAX_DOCUMENT_SIZE}`,
    );
}

interface IndexChange {
  readonly put: readonly (readonly [string, Uint8Array])[];
  readonly remove: readonly string[];
}

function without(keys: readonly string[], others: readonly string[]): readonly string[] {
  if (others.length === 0 || keys.length === 0) return keys;
  const taken = new Set(others);
  return keys.filter((key) => !taken.has(key));
}

function changeOf(
  overlay: Overlay,
  collection: CollectionDefinition,
  index: IndexDefinition,
  recordKey: string,
  before: Document | null,
  after: Document | null,
  onShape: OnShape,
): IndexChange {
  const old = before ? indexedFields(index, before).keys : [];
  const fresh = after ? indexedFields(index, after) : NOT_INDEXED;
  const { keys, multikey, truncated } = fresh;
  if (widens(index, fresh)) onShape({ id: index.id, multikey, truncated });
  const put = without(keys, old).map((key) => toEntry(index, key, recordKey));
  if (index.unique)
    for (const [key] of put) {
      const holder = overlay.get(key);
      if (holder && after && recordKeyOf(index, [key, holder]) !== recordKey) throw duplicate(collection, index, after);
    }
  return { put, remove: without(old, keys).map((key) => toEntry(index, key, recordKey)[0]) };
}

/**
 * Writes, replaces (`before` and `after`), or removes (`after` null) one document with all its index entries.
 * Throws before anything is written: DuplicateKey, CannotIndexParallelArrays, BSONObjectTooLarge.
 */
export function writeDocument(
  overlay: Overlay,
  collection: CollectionDefinition,
  before: StoredDocument | null,
  after: StoredDocument | null,
  onShape: OnShape,
): void {
  const recordKey = (after ?? before)?.recordKey as string;
  if (after) rejectOversize(after.bytes);
  if (after && !before && overlay.get(collection.id + recordKey))
    throw duplicateKey(collection.namespace, '_id_', { _id: 1 }, { _id: after.document['_id'] });
  if (isLongId(recordKey) && !collection.longIds) onShape({ id: collection.id, multikey: false, truncated: true });
  const changes = collection.indexes.map((index) =>
    changeOf(overlay, collection, index, recordKey, before?.document ?? null, after?.document ?? null, onShape),
  );
  if (after) overlay.put(collection.id + recordKey, after.bytes);
  else overlay.remove(collection.id + recordKey);
  for (const { put, remove } of changes) {
    for (const key of remove) overlay.remove(key);
    for (const [key, value] of put) overlay.put(key, value);
  }
}
