import { randomBytes } from 'node:crypto';
import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import { STORE_ID_LENGTH } from '../disk/write-set.ts';
import { decode, encode } from '../value/codec.ts';
import { successor } from '../value/key.ts';
import { type CollectionDefinition, type IndexDefinition, withIndex } from './definitions.ts';

/** Stores of the engine itself; collections and indexes get those from `FIRST_FREE_ID` on. */
export const SYSTEM_STORES = {
  catalog: '\x00\x00\x00\x01',
  sessions: '\x00\x00\x00\x02',
  changes: '\x00\x00\x00\x03',
} as const;
const FIRST_FREE_ID = 256;
const NEXT_ID_KEY = `${SYSTEM_STORES.catalog}\x00next`;
/** Stores that were dropped and still hold keys. */
const GARBAGE_PREFIX = `${SYSTEM_STORES.catalog}\x01`;
const COLLECTION_PREFIX = `${SYSTEM_STORES.catalog}\x02`;

function toStoreId(number: number): string {
  const bytes = Buffer.alloc(STORE_ID_LENGTH);
  bytes.writeUInt32BE(number);
  return bytes.toString('latin1');
}

/** The key under which a collection's definition is kept. */
export function catalogKey(namespace: string): string {
  return COLLECTION_PREFIX + Buffer.from(namespace, 'utf8').toString('latin1');
}

function all(reader: Reader, prefix: string): Uint8Array[] {
  return reader.range({ start: prefix, end: successor(prefix) }, 1_000_000).map(([, value]) => value);
}

/**
 * Which collections and indexes there are. Held in memory, written through the overlay a method is given,
 * which the caller commits at once: definitions are never part of a client's transaction.
 */
export class Catalog {
  readonly #collections = new Map<string, CollectionDefinition>();
  #nextId = FIRST_FREE_ID;

  constructor(reader: Reader) {
    this.reload(reader);
  }

  /** Reads all definitions as they are on disk. Ids once given out stay so. */
  reload(reader: Reader): void {
    const next = reader.get(NEXT_ID_KEY);
    if (next) this.#nextId = Math.max(this.#nextId, decode(next)['next'] as number);
    this.#collections.clear();
    for (const bytes of all(reader, COLLECTION_PREFIX)) {
      const definition = decode(bytes) as unknown as Record<string, unknown>;
      const collection = fromStored(definition);
      this.#collections.set(collection.namespace, collection);
    }
  }

  find(namespace: string): CollectionDefinition | undefined {
    return this.#collections.get(namespace);
  }

  /** Collections of one database, or of all. */
  list(database?: string): CollectionDefinition[] {
    const collections = [...this.#collections.values()];
    return database === undefined ? collections : collections.filter((it) => it.namespace.startsWith(`${database}.`));
  }

  /** A fresh store id, never used before. */
  newStoreId(overlay: Overlay): string {
    const id = toStoreId(this.#nextId);
    this.#nextId += 1;
    overlay.put(NEXT_ID_KEY, encode({ next: this.#nextId }));
    return id;
  }

  create(overlay: Overlay, namespace: string): CollectionDefinition {
    const collection = this.draft(overlay, namespace);
    this.#save(overlay, collection);
    return collection;
  }

  /** A collection that is not in the catalog yet. */
  draft(overlay: Overlay, namespace: string): CollectionDefinition {
    return { namespace, id: this.newStoreId(overlay), uuid: randomBytes(16), indexes: [] };
  }

  /** Puts a collection in as it is, or in place of the one of its name; its store ids must be the catalog's. */
  put(overlay: Overlay, collection: CollectionDefinition): void {
    // Its ids may have been given out long before this commit: the count of those given out must not fall back.
    overlay.put(NEXT_ID_KEY, encode({ next: this.#nextId }));
    this.#save(overlay, collection);
  }

  /** Gives a collection another name, under which there must be none. */
  rename(overlay: Overlay, collection: CollectionDefinition, namespace: string): void {
    this.#collections.delete(collection.namespace);
    overlay.remove(catalogKey(collection.namespace));
    this.#save(overlay, { ...collection, namespace });
  }

  /** Puts an index in, or in place of the one with its id. */
  putIndex(overlay: Overlay, namespace: string, index: IndexDefinition): void {
    const collection = this.#collections.get(namespace);
    if (!collection) return;
    this.#save(overlay, withIndex(collection, index));
  }

  removeIndex(overlay: Overlay, namespace: string, index: IndexDefinition): void {
    const collection = this.#collections.get(namespace);
    if (!collection) return;
    this.#save(overlay, { ...collection, indexes: collection.indexes.filter(({ id }) => id !== index.id) });
    this.#discard(overlay, index.id);
  }

  drop(overlay: Overlay, collection: CollectionDefinition): void {
    this.#collections.delete(collection.namespace);
    overlay.remove(catalogKey(collection.namespace));
    for (const { id } of [collection, ...collection.indexes]) this.#discard(overlay, id);
  }

  #discard(overlay: Overlay, id: string): void {
    overlay.put(GARBAGE_PREFIX + id, encode({ id: Buffer.from(id, 'latin1') }));
  }

  #save(overlay: Overlay, collection: CollectionDefinition): void {
    this.#collections.set(collection.namespace, collection);
    overlay.put(catalogKey(collection.namespace), toStored(collection));
  }

  /** Ids of dropped stores that still hold keys. */
  garbage(reader: Reader): string[] {
    return reader
      .range({ start: GARBAGE_PREFIX, end: successor(GARBAGE_PREFIX) }, 1000)
      .map(([key]) => key.slice(GARBAGE_PREFIX.length));
  }

  /** Notes that a dropped store is empty. */
  forgetGarbage(overlay: Overlay, id: string): void {
    overlay.remove(GARBAGE_PREFIX + id);
  }
}

function toStored(collection: CollectionDefinition): Uint8Array {
  const indexes = collection.indexes.map((index) => ({ ...index, id: Buffer.from(index.id, 'latin1') }));
  return encode({ ...collection, id: Buffer.from(collection.id, 'latin1'), indexes });
}

interface StoredId {
  readonly id: { readonly buffer: Uint8Array };
}

function idOf({ id }: StoredId): string {
  return Buffer.from(id.buffer).toString('latin1');
}

function fromStored(stored: Record<string, unknown>): CollectionDefinition {
  const indexes = stored['indexes'] as (IndexDefinition & StoredId)[];
  return {
    ...(stored as unknown as CollectionDefinition),
    id: idOf(stored as unknown as StoredId),
    uuid: (stored['uuid'] as { buffer: Uint8Array }).buffer,
    indexes: indexes.map((index) => ({ ...index, id: idOf(index) })),
  };
}
