import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import type { BusRecord, OutgoingRecord } from '../bus.ts';
import { keys, type LogFile } from './log-file.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { SizeBlocks } from './size-blocks.ts';

/** How many records and bytes one read takes into memory at most (one record may be over the bytes). */
const READ_RECORDS = 128;
const READ_BYTES = 1_000_000;
/** How many records one step of a trim removes before others get their turn. */
const TRIM_STEP = 1_000;

/** Offsets from `start` to before `end`. */
interface OffsetRange {
  readonly start: number;
  readonly end: number;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** A partition, and what it stands on. */
interface PartitionLogOptions {
  readonly topic: string;
  readonly partition: number;
  readonly retentionBytes: number | undefined;
  readonly file: LogFile;
  readonly clock: Clock;
}

/** One partition of a topic: appended at the end, read from anywhere, trimmed at the start. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #file: LogFile;
  readonly #clock: Clock;
  /** Absent where the topic has no limit by size. */
  readonly #blocks: SizeBlocks | null;
  readonly #retentionBytes: number;
  readonly #waiting = new Set<() => void>();
  /** Offset the next append gets; runs ahead of `#end` while commits are under way. */
  #next: number;
  #start: number;
  #end: number;
  #lastTimestamp: number;

  constructor(options: PartitionLogOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.#file = options.file;
    this.#clock = options.clock;
    const last = this.#entries({ start: Number.MAX_SAFE_INTEGER, end: -1, reverse: true, limit: 1 })[0];
    this.#start = (this.#file.facts.get(keys.start(this.topic, this.partition)) as number | undefined) ?? 0;
    this.#end = Math.max(this.#start, last ? last.key[2] + 1 : 0);
    this.#next = this.#end;
    this.#lastTimestamp = last ? decodeRecord(last.value).timestamp : 0;
    this.#retentionBytes = options.retentionBytes ?? Number.POSITIVE_INFINITY;
    this.#blocks =
      options.retentionBytes === undefined ? null : new SizeBlocks(this.#file, this, (from) => this.#sizes(from));
  }

  /** Offset of the first record kept. */
  get start(): number {
    return this.#start;
  }

  /** Offset after the last record that is on disk. */
  get end(): number {
    return this.#end;
  }

  /** Appends in order; resolves with the offset when the record is on disk. A failed append leaves a gap. */
  async append(record: OutgoingRecord): Promise<number> {
    const offset = this.#next;
    this.#next += 1;
    // Never falling, so that a time can be looked up by halving, whatever the machine's clock does.
    this.#lastTimestamp = Math.max(this.#clock.now(), this.#lastTimestamp);
    const bytes = encodeRecord({ ...record, timestamp: this.#lastTimestamp });
    await this.#file.write(() => {
      const block = this.#blocks?.add(offset, bytes.length);
      const written = this.#file.records.put([this.topic, this.partition, offset], bytes);
      return block ? Promise.all([written, block]).then(() => true) : written;
    });
    this.#end = Math.max(this.#end, offset + 1);
    for (const wake of this.#waiting) wake();
    return offset;
  }

  /** The next records from an offset on; empty at the end. AppError DATA_CORRUPT. */
  read(from: number): BusRecord[] {
    const { topic, partition } = this;
    const found: BusRecord[] = [];
    let bytes = 0;
    for (const { key, value } of this.#file.records.getRange(this.#range({ start: from, end: this.#end }))) {
      found.push({ topic, partition, offset: key[2], ...decodeRecord(value) });
      bytes += value.length;
      if (found.length >= READ_RECORDS || bytes >= READ_BYTES) break;
    }
    return found;
  }

  /** Resolves once there is something at or after the offset, or the signal aborts. */
  async waitFor(offset: number, signal: AbortSignal): Promise<void> {
    if (this.#end > offset || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  /** Offset of the first record at or after a time, or the end. */
  offsetAt(time: number): number {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = this.#entries({ start: middle, end: high, limit: 1 })[0];
      if (!entry) high = middle;
      else if (decodeRecord(entry.value).timestamp < time) low = entry.key[2] + 1;
      else high = middle;
    }
    return this.#entries({ start: low, end: this.#end, limit: 1 })[0]?.key[2] ?? this.#end;
  }

  /** Offset of the first record to keep when the partition is not to take more than its topic allows. */
  get firstWithinBytes(): number {
    return this.#blocks?.firstKept(this.#retentionBytes) ?? 0;
  }

  /** Lets go of all records before an offset, a bounded number in each turn; answers how many. */
  async trim(before: number): Promise<number> {
    const target = Math.min(before, this.#end);
    let removed = 0;
    while (this.#start < target) {
      const range = this.#range({ start: 0, end: target, limit: TRIM_STEP });
      const old = [...this.#file.records.getKeys(range)] as [string, number, number][];
      const start = old.length < TRIM_STEP ? target : (old.at(-1)?.[2] ?? target) + 1;
      await this.#file.write(() => {
        this.#start = start;
        const written: Promise<unknown>[] = [this.#file.facts.put(keys.start(this.topic, this.partition), start)];
        for (const key of old) written.push(this.#file.records.remove(key));
        written.push(...(this.#blocks?.forget(start) ?? []));
        return Promise.all(written);
      });
      removed += old.length;
      await nextTurn();
    }
    return removed;
  }

  *#sizes(from: number): Generator<[number, number]> {
    const range = this.#range({ start: from, end: this.#end });
    for (const { key, value } of this.#file.records.getRange(range)) yield [key[2], value.length];
  }

  #range({ start, end, ...rest }: OffsetRange) {
    return { start: [this.topic, this.partition, start], end: [this.topic, this.partition, end], ...rest };
  }

  #entries(range: OffsetRange) {
    return [...this.#file.records.getRange(this.#range(range))];
  }
}
