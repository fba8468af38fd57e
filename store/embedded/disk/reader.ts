/** A key and what is stored under it. Keys are strings of bytes: one character a byte, bytewise order. */
export type Entry = readonly [key: string, value: Uint8Array];

/** Part of the key space, `start` included, `end` not. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** Something ordered keys are read from: the file, or uncommitted writes over it. */
export interface Reader {
  get(key: string): Uint8Array | undefined;
  /** At most `limit` entries of the range, from its end backwards when `reverse`. Fewer than `limit` means there are no more. */
  range(range: KeyRange, limit: number, reverse?: boolean): Entry[];
}

/** One write; its identity tells it from a later write to the same key. `null` removes. */
export interface Write {
  readonly value: Uint8Array | null;
}
