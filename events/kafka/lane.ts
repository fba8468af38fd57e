import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BusRecord } from '../bus.ts';

/** What waits in a lane before its partition is paused; a fetch, of 1 MiB for a partition, may come on top. */
const MOST_BYTES = 1_000_000;
const MOST_RECORDS = 5_000;
/** How many records a handler that never waits gets before sockets and timers have their turn. */
const TURN_RECORDS = 128;

/** One partition's way from the broker to the handler. */
export interface LaneOptions {
  /** Takes a record; a false answer means it was not settled, so it comes again. Must not reject. */
  readonly take: (record: BusRecord, signal: AbortSignal) => Promise<boolean>;
  readonly onSettled: (record: BusRecord) => void;
  /** Called when a lane that was full has room again. */
  readonly onRoom: () => void;
  /** Once it aborts, the record at hand is the last. */
  readonly signal: AbortSignal;
  /** What must be through before the first record is taken: whoever worked on the partition before. */
  readonly after: Promise<unknown>;
}

/** Brings the records of one partition to the handler, one after the other, whatever the other partitions do. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: BusRecord[] = [];
  #bytes = 0;
  #isFull = false;
  #work: Promise<void> | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Takes what was fetched into the lane. True: it is full, nothing more should be fetched until `onRoom`. */
  push(records: readonly BusRecord[]): boolean {
    for (const record of records) {
      this.#waiting.push(record);
      this.#bytes += record.value.byteLength;
    }
    this.#isFull ||= this.#bytes > MOST_BYTES || this.#waiting.length > MOST_RECORDS;
    this.#work ??= this.#run().finally(() => {
      this.#work = null;
    });
    return this.#isFull;
  }

  /** Resolves when no record is at hand any more; null when none is. */
  get atWork(): Promise<void> | null {
    return this.#work;
  }

  async #run(): Promise<void> {
    const { take, signal, after, onSettled } = this.#options;
    await after;
    for (let count = 1; !signal.aborted; count += 1) {
      const record = this.#next();
      if (!record || !(await take(record, signal))) break;
      onSettled(record);
      if (count % TURN_RECORDS === 0) await nextTurn();
    }
  }

  #next(): BusRecord | undefined {
    const record = this.#waiting.shift();
    this.#bytes -= record?.value.byteLength ?? 0;
    if (this.#isFull && this.#bytes < MOST_BYTES / 2 && this.#waiting.length < MOST_RECORDS / 2) {
      this.#isFull = false;
      this.#options.onRoom();
    }
    return record;
  }
}
