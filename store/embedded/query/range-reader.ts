import type { Entry, Reader } from '../disk/reader.ts';
import type { IndexRange } from './key-ranges.ts';

const MAX_CHUNK = 512;

/** Entries of a range one at a time, read some at a time: few at first, since most queries want few. */
export class RangeReader {
  readonly #reader: Reader;
  readonly #reverse: boolean;
  #start: string;
  #end: string;
  #size: number;
  #chunk: readonly Entry[] = [];
  #at = 0;
  #isLast = false;
  #readAt = -1;
  readonly prefix: number;

  constructor(reader: Reader, { start, end, prefix }: IndexRange, reverse: boolean, firstChunk: number) {
    this.#reader = reader;
    this.#reverse = reverse;
    this.#start = start;
    this.#end = end;
    this.#size = firstChunk;
    this.prefix = prefix;
  }

  next(): Entry | null {
    if (this.#at >= this.#chunk.length && !this.#fill()) return null;
    const entry = this.#chunk[this.#at] as Entry;
    this.#at += 1;
    return entry;
  }

  /** Whether nothing was written since the last entry was read. */
  get isCurrent(): boolean {
    return this.#readAt === this.#reader.version;
  }

  #fill(): boolean {
    if (this.#isLast) return false;
    this.#chunk = this.#isPoint ? this.#point() : this.#next();
    this.#readAt = this.#reader.version;
    this.#at = 0;
    this.#size = Math.min(this.#size * 4, MAX_CHUNK);
    return this.#chunk.length > 0;
  }

  get #isPoint(): boolean {
    return this.#end.length === this.#start.length + 1 && this.#end === `${this.#start}\x00`;
  }

  #point(): Entry[] {
    this.#isLast = true;
    const value = this.#reader.get(this.#start);
    return value ? [[this.#start, value]] : [];
  }

  #next(): Entry[] {
    const chunk = this.#reader.range({ start: this.#start, end: this.#end }, this.#size, this.#reverse);
    const last = chunk.at(-1)?.[0];
    this.#isLast = chunk.length < this.#size || last === undefined;
    if (last !== undefined && this.#reverse) this.#end = last;
    else if (last !== undefined) this.#start = `${last}\x00`;
    return chunk;
  }
}
