/** What a `createBoundedCache` keeps. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  readonly size: number;
}

/**
 * A map that holds at most `limit` entries and surely the `limit / 2` used last.
 * Two generations: what is used moves to the young one; when that is full it becomes the old one, and the old one is dropped whole.
 * A hit on a young entry is one look-up, where a strict order of use would cost a deletion and an insertion.
 */
export function createBoundedCache<Value>(limit: number): BoundedCache<Value> {
  const half = Math.max(1, Math.floor(limit / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  function set(key: string, value: Value): void {
    old.delete(key);
    young.set(key, value);
    if (young.size <= half) return;
    young.delete(key);
    old = young;
    young = new Map([[key, value]]);
  }

  return {
    get(key) {
      const recent = young.get(key);
      if (recent !== undefined) return recent;
      const value = old.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    get size() {
      return young.size + old.size;
    },
  };
}
