import { open, type RootDatabase } from 'lmdb';
import { AppError } from '../../../lib/errors.ts';
import { checkDiskFile } from './check-disk-file.ts';
import type { Entry, KeyCount, KeyRange, Reader, Write } from './reader.ts';
import { SEALED_MARK, seal, unseal } from './seal.ts';
import type { WriteSet } from './write-set.ts';

const bytes = (key: string) => Buffer.from(key, 'latin1');

/** lmdb's limit, in bytes. A longer key would fail the whole commit. */
const MAX_KEY = 1978;

/** Values as they lie in a file, and as they are read. Files made before there were seals have none. */
interface Sealing {
  close(key: Uint8Array, value: Uint8Array): Uint8Array;
  open(key: Uint8Array, stored: Uint8Array): Uint8Array;
}
const SEALED: Sealing = { close: seal, open: unseal };
const PLAIN: Sealing = { close: (_key, value) => value, open: (_key, stored) => stored };

/** What lmdb rejects has a second promise, with what the system said; nobody else listens to it. */
function ignoreSecond(error: unknown): void {
  (error as { commitError?: Promise<unknown> } | null)?.commitError?.catch(() => undefined);
}

/**
 * Ordered keys in one lmdb file, each value sealed by a checksum that is looked at whenever it is read (AppError DATA_CORRUPT).
 * One `write` at a time: after one that failed lmdb's memory is ahead of the file, so nothing may follow it but `reopen`.
 */
export class LmdbFile implements Omit<Reader, 'version'> {
  readonly #path: string;
  #database: RootDatabase<Uint8Array, Uint8Array> | null;
  #sealing: Sealing = SEALED;
  #lacksMark = false;

  /** Opens or makes the file. AppError DATA_CORRUPT when it cannot be trusted. */
  constructor(path: string) {
    this.#path = path;
    this.#database = this.#open();
  }

  #open(): RootDatabase<Uint8Array, Uint8Array> {
    checkDiskFile(this.#path);
    const database = open<Uint8Array, Uint8Array>({
      path: this.#path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      cache: false,
    });
    const [first] = database.getKeys({ limit: 1 });
    this.#lacksMark = first === undefined;
    this.#sealing = this.#lacksMark || database.get(bytes(SEALED_MARK)) ? SEALED : PLAIN;
    return database;
  }

  get #opened(): RootDatabase<Uint8Array, Uint8Array> {
    if (!this.#database) throw new AppError('STORE_UNAVAILABLE', 'The data file is being opened again.');
    return this.#database;
  }

  get(key: string): Uint8Array | undefined {
    const at = bytes(key);
    const stored = this.#opened.get(at);
    return stored && this.#sealing.open(at, stored);
  }

  range({ start, end }: KeyRange, limit: number, reverse = false): Entry[] {
    const bounds = reverse
      ? { start: bytes(end), end: bytes(start), exclusiveStart: true, inclusiveEnd: true, reverse: true }
      : { start: bytes(start), end: bytes(end) };
    const entries: Entry[] = [];
    for (const { key, value } of this.#opened.getRange({ ...bounds, limit }))
      entries.push([(key as Buffer).toString('latin1'), this.#sealing.open(key, value)]);
    return entries;
  }

  /** Counted within lmdb: a tenth of a microsecond a key. */
  count({ start, end }: KeyRange, limit: number): KeyCount {
    const bounds = { start: bytes(start), end: bytes(end) };
    const [beyond] = this.#opened.getKeys({ ...bounds, offset: limit, limit: 1 });
    if (beyond) return { count: limit, next: (beyond as Buffer).toString('latin1') };
    return { count: this.#opened.getKeysCount(bounds), next: null };
  }

  /** Writes all of it in one commit; resolves when it is on disk. */
  async write(sets: readonly WriteSet[]): Promise<void> {
    const database = this.#opened;
    const batch = database.batch(() => {
      if (this.#lacksMark) this.#put(SEALED_MARK, { value: bytes('1') });
      for (const writes of sets) for (const [key, write] of writes) this.#put(key, write);
    });
    try {
      await batch;
      this.#lacksMark = false;
    } catch (error) {
      ignoreSecond(error);
      throw error;
    } finally {
      database.resetReadTxn();
    }
  }

  #put(key: string, { value }: Write): void {
    const at = bytes(key);
    const database = this.#opened;
    const written = value === null ? database.remove(at) : database.put(at, this.#sealing.close(at, value));
    // The batch's own promise carries the outcome of each of these.
    written.catch(() => undefined);
  }

  /** Lets go of the file and opens it anew, as it is on disk. AppError DATA_CORRUPT. */
  async reopen(): Promise<void> {
    await this.close();
    this.#database = this.#open();
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = null;
    // lmdb must not be closed in the turn in which a write ends.
    await database?.flushed.then(undefined, () => undefined);
    await database?.close();
  }
}

/** Throws on a key that the file cannot take, before anything is written. */
export function requireShortKeys(writes: WriteSet): void {
  for (const [key] of writes) if (key.length > MAX_KEY) throw new RangeError(`A key of ${key.length} bytes`);
}
