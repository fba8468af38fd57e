import type { Document } from '../value/codec.ts';

/** A secondary index: its entries live in the store `id`. */
export interface IndexDefinition {
  readonly id: string;
  readonly name: string;
  /** Fields in order, each ascending (1) or descending (-1). */
  readonly fields: readonly (readonly [path: string, direction: 1 | -1])[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Only documents that match are in the index. */
  readonly partial: Document | null;
  readonly expireAfterSeconds: number | null;
  /** Some document had an array in an indexed path: entries are several per document. Never turns back. */
  readonly multikey: boolean;
  /** Some key was too long and ends in a digest: entries alike up to there are in no order. Never turns back. */
  readonly truncated?: boolean;
  /** False while it is being built: maintained, not yet used. */
  readonly ready: boolean;
}

/** A collection: its documents live in the store `id`, under the key of their `_id`. */
export interface CollectionDefinition {
  /** `database.collection`. */
  readonly namespace: string;
  readonly id: string;
  readonly uuid: Uint8Array;
  readonly indexes: readonly IndexDefinition[];
  /** Some `_id` was too long for a key, as `truncated` of an index. */
  readonly longIds?: boolean;
  /** Changes are logged with the documents before and after them. */
  readonly images?: boolean;
}

/** The collection with an index put in, or in place of the one with its id. */
export function withIndex(collection: CollectionDefinition, index: IndexDefinition): CollectionDefinition {
  const { indexes } = collection;
  const isNew = !indexes.some(({ id }) => id === index.id);
  return {
    ...collection,
    indexes: isNew ? [...indexes, index] : indexes.map((it) => (it.id === index.id ? index : it)),
  };
}

/** What a document may make of an index, or of a collection's `_id` when `id` is the collection's. */
export interface IndexShape {
  readonly id: string;
  readonly multikey: boolean;
  readonly truncated: boolean;
}

/** The collection with that noted; itself when it was so before. */
export function withShape(collection: CollectionDefinition, shape: IndexShape): CollectionDefinition {
  if (shape.id === collection.id) return collection.longIds ? collection : { ...collection, longIds: true };
  const index = collection.indexes.find(({ id }) => id === shape.id);
  if (!index || !widens(index, shape)) return collection;
  const [multikey, truncated] = [index.multikey || shape.multikey, index.truncated === true || shape.truncated];
  return withIndex(collection, { ...index, multikey, truncated });
}

/** Whether the shape is more than what is known of the index. */
export function widens(index: IndexDefinition, shape: Omit<IndexShape, 'id'>): boolean {
  return (shape.multikey && !index.multikey) || (shape.truncated && !index.truncated);
}

/** The index as listIndexes shows it and createIndexes takes it. */
export function describeIndex(index: IndexDefinition): Document {
  return {
    v: 2,
    key: Object.fromEntries(index.fields),
    name: index.name,
    ...(index.unique ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.partial ? { partialFilterExpression: index.partial } : {}),
    ...(index.expireAfterSeconds === null ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
  };
}

/** The index every collection has, as listIndexes shows it. */
export const ID_INDEX: Document = { v: 2, key: { _id: 1 }, name: '_id_' };
