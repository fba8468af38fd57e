import { PAUSE, type Scan } from '../query/scan.ts';
import { endOfSlice, nextTurn } from '../query/turns.ts';
import type { Document } from '../value/codec.ts';

/** Documents on their way through a pipeline, some at a time: no stage holds more than it must. */
export type Rows = AsyncGenerator<Document[], void, void>;

/** A stage: rows in, rows out. */
export type Stage = (rows: Rows) => Rows;

/** Documents handed on at once. */
export const CHUNK = 128;

/** Gives others their turn when the slice of time is used up. */
export class Slices {
  #end = endOfSlice();

  async next(): Promise<void> {
    if (performance.now() < this.#end) return;
    await nextTurn();
    this.#end = endOfSlice();
  }
}

/** The documents of a scan. What the stages do with a chunk is work too: after it others may have their turn. */
export async function* fromScan(scan: Scan): Rows {
  const slices = new Slices();
  let chunk: Document[] = [];
  for (const stored of scan) {
    if (stored === PAUSE) await nextTurn();
    else chunk.push(stored.document);
    if (chunk.length < (stored === PAUSE ? 1 : CHUNK)) continue;
    yield chunk;
    chunk = [];
    await slices.next();
  }
  if (chunk.length > 0) yield chunk;
}

/** Documents at hand. */
export async function* fromList(documents: readonly Document[]): Rows {
  const slices = new Slices();
  for (let at = 0; at < documents.length; at += CHUNK) {
    yield documents.slice(at, at + CHUNK);
    await slices.next();
  }
}

/** Each chunk changed as a whole. */
export function mapped(change: (chunk: Document[]) => Document[]): Stage {
  return async function* (rows) {
    for await (const chunk of rows) {
      const changed = change(chunk);
      if (changed.length > 0) yield changed;
    }
  };
}

/** The first `count` documents; what is behind them is not read. */
export function limited(count: number): Stage {
  return async function* (rows) {
    let left = count;
    for await (const chunk of rows) {
      yield chunk.length <= left ? chunk : chunk.slice(0, left);
      left -= chunk.length;
      if (left <= 0) return;
    }
  };
}

/** All but the first `count` documents. */
export function skipped(count: number): Stage {
  let left = count;
  return mapped((chunk) => {
    const rest = chunk.slice(left);
    left = Math.max(0, left - chunk.length);
    return rest;
  });
}

/** Rows one after the other. */
export async function* joined(first: Rows, second: () => Rows): Rows {
  yield* first;
  yield* second();
}
