import type { Entry, KeyCount, KeyRange, Reader } from './reader.ts';
import { STORE_ID_LENGTH, type WriteSet } from './write-set.ts';

/** Keys and ranges of one store remembered one by one; with more, all of the store counts as read: a conflict too many, never one too few. */
const MAX_REMEMBERED = 10_000;

/** What was read of one store. */
class StoreReads {
  readonly #keys = new Set<string>();
  #ranges: KeyRange[] = [];
  #isWhole = false;

  addKey(key: string): void {
    if (this.#isWhole) return;
    this.#keys.add(key);
    this.#bound();
  }

  addRange({ start, end }: KeyRange): void {
    if (this.#isWhole) return;
    const last = this.#ranges.at(-1);
    // A scan reads one piece after the other.
    if (last?.end === start) this.#ranges[this.#ranges.length - 1] = { start: last.start, end };
    else if (last?.start === end) this.#ranges[this.#ranges.length - 1] = { start, end: last.end };
    else this.#ranges.push({ start, end });
    this.#bound();
  }

  #bound(): void {
    if (this.#keys.size + this.#ranges.length <= MAX_REMEMBERED) return;
    this.#isWhole = true;
    this.#keys.clear();
    this.#ranges = [];
  }

  has(key: string): boolean {
    if (this.#isWhole || this.#keys.has(key)) return true;
    return this.#ranges.some(({ start, end }) => key >= start && key < end);
  }
}

/** A reader that remembers what was read through it, so that a later write to any of it is known as a conflict. Bounded in memory. */
export class ReadTracker implements Reader {
  readonly #base: Reader;
  readonly #stores = new Map<string, StoreReads>();

  constructor(base: Reader) {
    this.#base = base;
  }

  #readsOf(key: string): StoreReads {
    const id = key.slice(0, STORE_ID_LENGTH);
    let reads = this.#stores.get(id);
    if (!reads) {
      reads = new StoreReads();
      this.#stores.set(id, reads);
    }
    return reads;
  }

  get(key: string): Uint8Array | undefined {
    this.#readsOf(key).addKey(key);
    return this.#base.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    const entries = this.#base.range(range, limit, reverse);
    const last = entries.length < limit ? undefined : entries.at(-1)?.[0];
    const reads = this.#readsOf(range.start);
    if (last === undefined) reads.addRange(range);
    else reads.addRange(reverse ? { start: last, end: range.end } : { start: range.start, end: `${last}\x00` });
    return entries;
  }

  count(range: KeyRange, limit: number): KeyCount {
    const counted = this.#base.count(range, limit);
    this.#readsOf(range.start).addRange({ start: range.start, end: counted.next ?? range.end });
    return counted;
  }

  get version(): number {
    return this.#base.version;
  }

  /** Whether any of these writes changes what was read, absent keys included. */
  isTouchedBy(writes: WriteSet): boolean {
    for (const [key] of writes) if (this.#stores.get(key.slice(0, STORE_ID_LENGTH))?.has(key)) return true;
    return false;
  }
}
