import type { Entry, KeyCount, KeyRange, Reader, Write } from './reader.ts';

/** Characters at the front of a key that name its store. */
export const STORE_ID_LENGTH = 4;

/** What writes lie over. */
type Base = Omit<Reader, 'version'>;

/** Uncommitted writes, grouped by store so that a range looks only at its own. */
export class WriteSet {
  readonly #stores = new Map<string, Map<string, Write>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Write | undefined {
    if (this.#size === 0) return undefined;
    return this.#stores.get(key.slice(0, STORE_ID_LENGTH))?.get(key);
  }

  set(key: string, write: Write): void {
    const id = key.slice(0, STORE_ID_LENGTH);
    let store = this.#stores.get(id);
    if (!store) {
      store = new Map();
      this.#stores.set(id, store);
    }
    const before = store.size;
    store.set(key, write);
    this.#size += store.size - before;
  }

  /** Forgets a write unless a later one took its place. */
  forget(key: string, write: Write): void {
    const id = key.slice(0, STORE_ID_LENGTH);
    const store = this.#stores.get(id);
    if (store?.get(key) !== write) return;
    store.delete(key);
    this.#size -= 1;
    if (store.size === 0) this.#stores.delete(id);
  }

  clear(): void {
    this.#stores.clear();
    this.#size = 0;
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, Write]> {
    for (const store of this.#stores.values()) yield* store;
  }

  /** The writes within a range of one store, unsorted. */
  within({ start, end }: KeyRange): [string, Write][] {
    if (this.#size === 0) return [];
    const store = this.#stores.get(start.slice(0, STORE_ID_LENGTH));
    if (!store) return [];
    const found: [string, Write][] = [];
    for (const [key, write] of store) if (key >= start && key < end) found.push([key, write]);
    return found;
  }
}

/** Entries of `base` as the writes leave them. */
export function readThrough(base: Base, writes: WriteSet, range: KeyRange, limit: number, reverse: boolean): Entry[] {
  const changes = writes.within(range);
  if (changes.length === 0) return base.range(range, limit, reverse);
  // Each change hides at most one entry, so with so many more the first `limit` of the merge are certain.
  const shadowed = new Map(changes);
  const kept = base.range(range, limit + changes.length, reverse).filter(([key]) => !shadowed.has(key));
  for (const [key, { value }] of changes) if (value !== null) kept.push([key, value]);
  const before = reverse ? 1 : -1;
  kept.sort(([left], [right]) => (left < right ? before : left > right ? -before : 0));
  return kept.length > limit ? kept.slice(0, limit) : kept;
}

/** Keys of `base` as the writes leave them, counted. */
export function countThrough(base: Base, writes: WriteSet, range: KeyRange, limit: number): KeyCount {
  const counted = base.count(range, limit);
  const end = counted.next ?? range.end;
  let { count } = counted;
  for (const [key, { value }] of writes.within({ start: range.start, end })) {
    const isThere = base.get(key) !== undefined;
    if (isThere && value === null) count -= 1;
    if (!isThere && value !== null) count += 1;
  }
  return { count, next: counted.next };
}
