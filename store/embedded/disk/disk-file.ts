import { createDiskGate, type DiskGate, freeBytesOf } from '../../../lib/disk-gate.ts';
import { AppError } from '../../../lib/errors.ts';
import { LmdbFile, requireShortKeys } from './lmdb-file.ts';
import type { Entry, KeyCount, KeyRange, Reader } from './reader.ts';
import { nextStamp } from './stamp.ts';
import { countThrough, readThrough, WriteSet } from './write-set.ts';

/** A commit that waits for its turn. */
interface Waiting {
  readonly writes: WriteSet;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The data file: ordered keys on lmdb. Reads see every write handed to `commit` at once; `commit` resolves when it is on disk.
 * Commits that arrive while one is under way share the next one and its sync. After one that failed, all that wait fail with it,
 * since they may build on it; the file is opened again as it is on disk, and takes writes again.
 */
export class DiskFile implements Reader {
  readonly #file: LmdbFile;
  readonly #gate: DiskGate;
  readonly #pending = new WriteSet();
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #latest: Promise<unknown> = Promise.resolve();
  #age = 0;
  #version = nextStamp();
  #onReopened: () => void = () => undefined;
  #isReopening = false;
  #isClosed = false;

  /** Opens or makes the file. AppError DATA_CORRUPT when it cannot be trusted. */
  constructor(path: string, freeBytes: () => number = () => freeBytesOf(path)) {
    this.#file = new LmdbFile(path);
    this.#gate = createDiskGate(freeBytes);
  }

  /** How often the file was opened again: what was read at another age may never have been on disk. */
  get age(): number {
    return this.#age;
  }

  /** `listener` is called when the file was opened again: what is held in memory of it must be read anew. */
  onReopened(listener: () => void): void {
    this.#onReopened = listener;
  }

  get(key: string): Uint8Array | undefined {
    const write = this.#pending.get(key);
    if (write) return write.value ?? undefined;
    return this.#file.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    return readThrough(this.#file, this.#pending, range, limit, reverse);
  }

  count(range: KeyRange, limit: number): KeyCount {
    return countThrough(this.#file, this.#pending, range, limit);
  }

  get version(): number {
    return this.#version;
  }

  /** Asked before anything in memory goes ahead of the file. AppError DISK_FULL, STORE_UNAVAILABLE. */
  requireWritable(): void {
    if (this.#isReopening) throw new AppError('STORE_UNAVAILABLE', 'The data file is being opened again.');
    this.#gate.require();
  }

  /** All or nothing, visible at once, resolved when synced. AppError DISK_FULL, STORE_UNAVAILABLE. */
  async commit(writes: WriteSet): Promise<void> {
    if (writes.size === 0) return;
    if (this.#isClosed) throw new AppError('SHUTTING_DOWN', 'The store is closed.');
    this.requireWritable();
    requireShortKeys(writes);
    for (const [key, write] of writes) this.#pending.set(key, write);
    this.#version = nextStamp();
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ writes, resolve, reject }));
    this.#latest = done;
    this.#flushing ??= this.#flush();
    await done;
  }

  async #flush(): Promise<void> {
    // What else is written in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.write(group.map(({ writes }) => writes));
      } catch (error) {
        await this.#startOver(group, error);
        continue;
      }
      for (const { writes } of group) for (const [key, write] of writes) this.#pending.forget(key, write);
      for (const { resolve } of group) resolve();
    }
    this.#flushing = null;
  }

  async #startOver(failed: readonly Waiting[], cause: unknown): Promise<void> {
    const lost = [...failed, ...this.#waiting];
    this.#waiting = [];
    this.#pending.clear();
    this.#age += 1;
    this.#version = nextStamp();
    this.#isReopening = true;
    try {
      await this.#file.reopen();
      this.#isReopening = false;
      this.#onReopened();
    } catch (error) {
      this.#gate.fail(error);
    }
    this.#isReopening = false;
    for (const { reject } of lost) reject(this.#failure(cause));
  }

  /** A disk that has become full is told apart from one that fails. */
  #failure(cause: unknown): AppError {
    try {
      this.requireWritable();
    } catch (error) {
      if (error instanceof AppError && error.code === 'DISK_FULL') return error;
    }
    return new AppError('STORE_UNAVAILABLE', 'A write to the disk failed.', { cause });
  }

  /** Resolves when all that is visible now is on disk. */
  async settled(): Promise<void> {
    await this.#latest;
  }

  /** Takes no more writes, waits for those under way, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Whoever committed it was told how it went.
    await this.#flushing?.catch(() => undefined);
    await this.#file.close();
  }
}
