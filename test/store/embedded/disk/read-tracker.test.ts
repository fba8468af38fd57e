import { beforeEach, describe, expect, it } from 'vitest';
import { ReadTracker } from '../../../../store/embedded/disk/read-tracker.ts';
import type { Entry, KeyCount, KeyRange, Reader } from '../../../../store/embedded/disk/reader.ts';
import { WriteSet } from '../../../../store/embedded/disk/write-set.ts';

const [A, B] = ['\x00\x00\x01\x00', '\x00\x00\x01\x01'];
const toKey = (store: string, at: number) => store + String(at).padStart(6, '0');
const wholeOf = (store: string): KeyRange => ({ start: store, end: `${store}\xff` });

/** Keys of two stores, 0 to 999, each with one byte. */
class Plain implements Reader {
  readonly version = 0;

  get(): Uint8Array {
    return new Uint8Array(1);
  }

  range({ start, end }: KeyRange, limit: number, reverse = false): Entry[] {
    const keys = Array.from({ length: 1000 }, (_, at) => toKey(start.slice(0, 4), at));
    const within = keys.filter((key) => key >= start && key < end);
    if (reverse) within.reverse();
    return within.slice(0, limit).map((key) => [key, new Uint8Array(1)]);
  }

  count(range: KeyRange, limit: number): KeyCount {
    const found = this.range(range, limit + 1);
    return found.length > limit
      ? { count: limit, next: found[limit]?.[0] as string }
      : { count: found.length, next: null };
  }
}

let tracker: ReadTracker;
beforeEach(() => {
  tracker = new ReadTracker(new Plain());
});

function isTouched(...keys: string[]): boolean {
  const writes = new WriteSet();
  for (const key of keys) writes.set(key, { value: null });
  return tracker.isTouchedBy(writes);
}

describe('what was read', () => {
  it.each<[string, () => unknown, number[], number[]]>([
    ['one key', () => tracker.get(toKey(A, 5)), [5], [4, 6]],
    ['a range to its end', () => tracker.range({ start: toKey(A, 990), end: `${A}\xff` }, 50), [990, 999, 1500], [989]],
    ['a range up to its limit', () => tracker.range(wholeOf(A), 10), [0, 9], [10, 11]],
    ['a range backwards up to its limit', () => tracker.range(wholeOf(A), 10, true), [999, 990, 1500], [989]],
    ['keys counted', () => tracker.count({ start: toKey(A, 10), end: toKey(A, 20) }, 100), [10, 19], [9, 20]],
  ])('is changed by a write to it and no other: %s', (_name, read, touching, others) => {
    read();
    for (const at of touching) expect(isTouched(toKey(A, at))).toBe(true);
    for (const at of others) expect(isTouched(toKey(A, at))).toBe(false);
    expect(isTouched(...touching.map((at) => toKey(B, at)))).toBe(false);
  });

  it('is all of a scan in pieces, in either direction', () => {
    for (let start = toKey(A, 0); ; ) {
      const piece = tracker.range({ start, end: `${A}\xff` }, 100);
      if (piece.length < 100) break;
      start = `${piece.at(-1)?.[0]}\x00`;
    }
    expect(isTouched(toKey(A, 500))).toBe(true);
    for (let end = toKey(B, 300); end > toKey(B, 100); ) {
      const piece = tracker.range({ start: toKey(B, 100), end }, 50, true);
      end = piece.at(-1)?.[0] ?? toKey(B, 100);
    }
    expect([99, 100, 299, 300].map((at) => isTouched(toKey(B, at)))).toEqual([false, true, true, false]);
  });

  it('is all of a store after very many keys of it, and only of that store', () => {
    for (let at = 0; at < 20_000; at += 2) tracker.get(toKey(A, at));
    expect(isTouched(toKey(A, 1))).toBe(false);
    tracker.get(toKey(A, 20_000));
    tracker.get(toKey(B, 5));
    expect(isTouched(toKey(A, 1))).toBe(true);
    expect([isTouched(toKey(B, 5)), isTouched(toKey(B, 6))]).toEqual([true, false]);
  });
});
