/** A key and what is stored under it. Keys are strings of bytes: one character a byte, bytewise order. */
export type Entry = readonly [key: string, value: Uint8Array];

/** Part of the key space, `start` included, `end` not. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** How many keys there are in the part of a range that was counted. */
export interface KeyCount {
  readonly count: number;
  /** The first key that was not counted; null when all were. */
  readonly next: string | null;
}

/** Something ordered keys are read from: the file, or uncommitted writes over it. */
export interface Reader {
  get(key: string): Uint8Array | undefined;
  /** At most `limit` entries of the range, from its end backwards when `reverse`. Fewer than `limit` means there are no more. */
  range(range: KeyRange, limit: number, reverse?: boolean): Entry[];
  /** Counts the keys of a range from its start, about `limit` of them, without reading them. */
  count(range: KeyRange, limit: number): KeyCount;
  /** Another number whenever anything that can be read has changed. */
  readonly version: number;
}

/** One write; its identity tells it from a later write to the same key. `null` removes. */
export interface Write {
  readonly value: Uint8Array | null;
}
