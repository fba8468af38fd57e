import { Binary, type Timestamp } from 'bson';
import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { StoredDocument } from '../collection/document-writer.ts';
import type { UpdateDescription } from '../update/difference.ts';
import { type Document, decode, encode } from '../value/codec.ts';

/** What a change did: to a document, or to a collection as a whole. */
export type ChangeOperation =
  | 'insert'
  | 'update'
  | 'replace'
  | 'delete'
  | 'create'
  | 'createIndexes'
  | 'dropIndexes'
  | 'modify'
  | 'rename'
  | 'drop'
  | 'dropDatabase';

/** One change of one document, or of a collection as a whole, as change streams tell it. */
export interface Change {
  readonly operation: ChangeOperation;
  readonly namespace: string;
  /** The collection's; filled in at the commit where the collection is still there. */
  readonly uuid?: Uint8Array;
  /** The document's `_id`. */
  readonly id?: unknown;
  /** The document after an insert or a replace, as BSON; after an update where its collection keeps images. */
  readonly bytes?: Uint8Array;
  /** The document before, as BSON, where its collection keeps images. */
  readonly before?: Uint8Array;
  readonly description?: UpdateDescription;
  /** The namespace a rename gave. */
  readonly to?: string;
  /** What expanded events tell of a collection's change: `operationDescription`. */
  readonly details?: Document;
}

/** The removal of a document. */
export function toDeletion(collection: CollectionDefinition, { document, bytes }: StoredDocument): Change {
  const images = collection.images ? { before: bytes } : {};
  return { operation: 'delete', namespace: collection.namespace, id: document['_id'], ...images };
}

/** When a change was committed, and by which transaction. */
export interface CommitFacts {
  readonly time: Timestamp;
  readonly wall: Date;
  readonly transaction?: { readonly lsid: Document; readonly txnNumber: number };
}

/** A change in the log. */
export interface LoggedChange extends Change, CommitFacts {
  readonly sequence: number;
  /** Bytes logged before this change, ever: the difference of two is what lies between. */
  readonly start: number;
}

const BINARY = ['uuid', 'bytes', 'before'] as const;

/** A change as it lies in the log. */
export function encodeChange(change: Change & CommitFacts & { readonly start: number }): Uint8Array {
  const stored: Document = { ...change };
  for (const name of BINARY) {
    const bytes = change[name];
    if (bytes) stored[name] = new Binary(bytes);
  }
  return encode(stored);
}

/** The change under a sequence number of the log. */
export function decodeChange(sequence: number, bytes: Uint8Array): LoggedChange {
  const stored = decode(bytes);
  for (const name of BINARY) if (stored[name]) stored[name] = (stored[name] as Binary).buffer;
  // Those of an earlier version of the store have no start.
  return { start: 0, ...(stored as Omit<LoggedChange, 'sequence' | 'start'>), sequence };
}
