/** What a `createBoundedCache` keeps. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Every value, the one used last first; looking is no use of them. */
  values(): IterableIterator<Value>;
  readonly size: number;
}

interface Entry<Value> {
  readonly key: string;
  value: Value | undefined;
  older: Entry<Value>;
  newer: Entry<Value>;
}

/** An entry that is its own neighbour: the two ends of an empty ring. */
function createEnds<Value>(): Entry<Value> {
  const ends = { key: '', value: undefined } as Entry<Value>;
  ends.older = ends;
  ends.newer = ends;
  return ends;
}

function unlink<Value>(entry: Entry<Value>): void {
  entry.older.newer = entry.newer;
  entry.newer.older = entry.older;
}

/** Puts an entry at the young end. */
function link<Value>(entry: Entry<Value>, ends: Entry<Value>): void {
  entry.older = ends.older;
  entry.newer = ends;
  ends.older.newer = entry;
  ends.older = entry;
}

/**
 * A map that holds at most `limit` entries, whose keys have at most `keyLength` characters together: the one not used for
 * longest leaves first. The second bound is for values that grow with their keys.
 */
export function createBoundedCache<Value>(
  limit: number,
  { keyLength = Number.POSITIVE_INFINITY }: { readonly keyLength?: number } = {},
): BoundedCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  // The order is a ring of its own: a Map's order costs a deletion for each hit, and a walk over what was deleted for each eviction.
  const ends = createEnds<Value>();
  let characters = 0;

  function remove(entry: Entry<Value> | undefined): void {
    if (!entry) return;
    entries.delete(entry.key);
    characters -= entry.key.length;
    unlink(entry);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      unlink(entry);
      link(entry, ends);
      return entry.value;
    },
    set(key, value) {
      remove(entries.get(key));
      const entry = { key, value, older: ends, newer: ends };
      entries.set(key, entry);
      characters += key.length;
      link(entry, ends);
      while (entries.size > limit || characters > keyLength) remove(ends.newer);
    },
    delete: (key) => remove(entries.get(key)),
    *values() {
      for (let entry = ends.older; entry !== ends; entry = entry.older) yield entry.value as Value;
    },
    get size() {
      return entries.size;
    },
  };
}
