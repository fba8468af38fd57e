import { open, type RootDatabase } from 'lmdb';
import { createDiskGate, type DiskGate, freeBytesOf } from '../../../lib/disk-gate.ts';
import { AppError } from '../../../lib/errors.ts';
import { checkDiskFile } from './check-disk-file.ts';
import type { Entry, KeyRange, Reader, Write } from './reader.ts';
import { readThrough, WriteSet } from './write-set.ts';

const bytes = (key: string) => Buffer.from(key, 'latin1');

/**
 * The data file: ordered keys on lmdb. Reads see every write handed to `commit` at once; `commit` resolves when it is on disk.
 * Writes of several commits share one sync.
 */
export class DiskFile implements Reader {
  readonly #database: RootDatabase<Uint8Array, Uint8Array>;
  readonly #gate: DiskGate;
  readonly #pending = new WriteSet();
  readonly #committed: Reader;
  #latest: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Opens or makes the file. AppError DATA_CORRUPT when it cannot be trusted. */
  constructor(path: string, freeBytes: () => number = () => freeBytesOf(path)) {
    checkDiskFile(path);
    this.#gate = createDiskGate(freeBytes);
    this.#database = open<Uint8Array, Uint8Array>({
      path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      cache: false,
    });
    this.#committed = {
      get: (key) => this.#database.get(bytes(key)),
      range: (range, limit, reverse) => this.#readRange(range, limit, reverse ?? false),
    };
  }

  get(key: string): Uint8Array | undefined {
    const write = this.#pending.get(key);
    if (write) return write.value ?? undefined;
    return this.#committed.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    return readThrough(this.#committed, this.#pending, range, limit, reverse);
  }

  #readRange({ start, end }: KeyRange, limit: number, reverse: boolean): Entry[] {
    const bounds = reverse
      ? { start: bytes(end), end: bytes(start), exclusiveStart: true, inclusiveEnd: true, reverse: true }
      : { start: bytes(start), end: bytes(end) };
    const entries: Entry[] = [];
    for (const { key, value } of this.#database.getRange({ ...bounds, limit }))
      entries.push([(key as Buffer).toString('latin1'), value]);
    return entries;
  }

  /** Asked before anything in memory goes ahead of the file. AppError DISK_FULL, STORE_UNAVAILABLE. */
  requireWritable(): void {
    this.#gate.require();
  }

  /** All or nothing, visible at once, resolved when synced. AppError DISK_FULL, STORE_UNAVAILABLE. */
  async commit(writes: WriteSet): Promise<void> {
    if (writes.size === 0) return;
    if (this.#isClosed) throw new AppError('SHUTTING_DOWN', 'The store is closed.');
    this.requireWritable();
    for (const [key, write] of writes) this.#pending.set(key, write);
    const batch = this.#database.batch(() => {
      for (const [key, write] of writes) this.#write(key, write);
    });
    this.#latest = batch;
    try {
      await batch;
    } catch (error) {
      this.#gate.fail(error);
      throw new AppError('STORE_UNAVAILABLE', 'A write to the disk failed.', { cause: error });
    } finally {
      this.#database.resetReadTxn();
      for (const [key, write] of writes) this.#pending.forget(key, write);
    }
  }

  #write(key: string, { value }: Write): void {
    const written = value === null ? this.#database.remove(bytes(key)) : this.#database.put(bytes(key), value);
    // The batch's own promise carries the outcome of each of these.
    written.catch(() => undefined);
  }

  /** Resolves when all that is visible now is on disk. */
  async settled(): Promise<void> {
    await this.#latest;
  }

  /** Takes no more writes, waits for those under way, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Whoever committed it was told how it went.
    await this.#latest.catch(() => undefined);
    // lmdb must not be closed in the turn in which a write ends.
    await this.#database.flushed;
    await this.#database.close();
  }
}
