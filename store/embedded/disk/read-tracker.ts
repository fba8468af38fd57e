import type { Entry, KeyCount, KeyRange, Reader } from './reader.ts';
import type { WriteSet } from './write-set.ts';

/** A reader that remembers what was read through it, so that a later write to any of it is known as a conflict. */
export class ReadTracker implements Reader {
  readonly #base: Reader;
  readonly #keys = new Set<string>();
  readonly #ranges: KeyRange[] = [];

  constructor(base: Reader) {
    this.#base = base;
  }

  get(key: string): Uint8Array | undefined {
    this.#keys.add(key);
    return this.#base.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    const entries = this.#base.range(range, limit, reverse);
    const last = entries.length < limit ? undefined : entries.at(-1)?.[0];
    if (last === undefined) this.#ranges.push(range);
    else this.#ranges.push(reverse ? { start: last, end: range.end } : { start: range.start, end: `${last}\x00` });
    return entries;
  }

  count(range: KeyRange, limit: number): KeyCount {
    const counted = this.#base.count(range, limit);
    this.#ranges.push({ start: range.start, end: counted.next ?? range.end });
    return counted;
  }

  get version(): number {
    return this.#base.version;
  }

  /** Whether any of these writes changes what was read, absent keys included. */
  isTouchedBy(writes: WriteSet): boolean {
    for (const [key] of writes) {
      if (this.#keys.has(key)) return true;
      for (const { start, end } of this.#ranges) if (key >= start && key < end) return true;
    }
    return false;
  }
}
