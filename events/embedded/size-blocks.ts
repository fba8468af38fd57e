import { keys, type LogFile } from './log-file.ts';

/** Bytes of records that make a block: how exactly the size of a partition is kept to. */
const BLOCK_BYTES = 1_048_576;

/** A run of records: its first offset and what it takes. */
interface Block {
  readonly first: number;
  bytes: number;
}

/** A partition of the log. */
interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * What the records of a partition take, block by block, so that its oldest can be let go of by size without reading any.
 * A full block is written down together with its last record; the one being filled is counted anew when the log is opened.
 */
export class SizeBlocks {
  readonly #file: LogFile;
  readonly #place: Place;
  readonly #blocks: Block[];

  /** `sizes`: offset and bytes of the records from an offset on. */
  constructor(file: LogFile, place: Place, sizes: (from: number) => Iterable<readonly [number, number]>) {
    this.#file = file;
    this.#place = place;
    const range = { start: this.#key(0), end: this.#key(Number.MAX_SAFE_INTEGER) };
    this.#blocks = [...file.facts.getRange(range)].map(({ value }) => ({ ...(value as Block & { next: number }) }));
    const last = this.#blocks.at(-1) as (Block & { next: number }) | undefined;
    this.#blocks.push({ first: last?.next ?? 0, bytes: 0 });
    for (const [, bytes] of sizes(last?.next ?? 0)) this.#open.bytes += bytes;
  }

  get #open(): Block {
    return this.#blocks.at(-1) as Block;
  }

  #key(first: number): (string | number)[] {
    return keys.block(this.#place.topic, this.#place.partition, first);
  }

  /** Counts a record. To be called in the turn in which it is written; answers the write that must succeed with it, if any. */
  add(offset: number, bytes: number): Promise<unknown> | null {
    this.#open.bytes += bytes;
    if (this.#open.bytes < BLOCK_BYTES) return null;
    const full = this.#open;
    this.#blocks.push({ first: offset + 1, bytes: 0 });
    return this.#file.facts.put(this.#key(full.first), { ...full, next: offset + 1 });
  }

  /** Offset of the first record to keep so that what is kept is not less than `limit` bytes, nor much more. */
  firstKept(limit: number): number {
    let after = this.#blocks.reduce((sum, { bytes }) => sum + bytes, 0);
    let first = 0;
    for (const block of this.#blocks) {
      first = block.first;
      after -= block.bytes;
      if (after < limit) break;
    }
    return first;
  }

  /** Forgets blocks that have no record left from `start` on. To be called in a write; answers what must succeed with it. */
  forget(start: number): Promise<unknown>[] {
    const written: Promise<unknown>[] = [];
    while (this.#blocks.length > 1 && (this.#blocks[1] as Block).first <= start) {
      const gone = this.#blocks.shift() as Block;
      written.push(this.#file.facts.remove(this.#key(gone.first)));
    }
    return written;
  }
}
