import type { Entry, KeyCount, KeyRange, Reader } from './reader.ts';
import { nextStamp } from './stamp.ts';
import { countThrough, readThrough, WriteSet } from './write-set.ts';

/** Writes of one command or transaction over what is committed: seen by itself alone until committed. */
export class Overlay implements Reader {
  readonly writes = new WriteSet();
  readonly #base: Reader;
  #bytes = 0;
  #version = 0;

  constructor(base: Reader) {
    this.#base = base;
  }

  /** Bytes ever put into it, those written over too. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Uint8Array | undefined {
    const write = this.writes.get(key);
    return write ? (write.value ?? undefined) : this.#base.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    return readThrough(this.#base, this.writes, range, limit, reverse);
  }

  count(range: KeyRange, limit: number): KeyCount {
    return countThrough(this.#base, this.writes, range, limit);
  }

  get version(): number {
    return Math.max(this.#base.version, this.#version);
  }

  put(key: string, value: Uint8Array): void {
    this.#bytes += key.length + value.length;
    this.#version = nextStamp();
    this.writes.set(key, { value });
  }

  remove(key: string): void {
    this.#version = nextStamp();
    this.writes.set(key, { value: null });
  }
}
