import type { Timestamp } from 'bson';
import { SYSTEM_STORES } from '../catalog/catalog.ts';
import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import { successor } from '../value/key.ts';
import { type Change, type CommitFacts, decodeChange, encodeChange, type LoggedChange } from './change.ts';

/** How much of the past is kept for streams to resume from: whichever of these is reached first. */
export interface Retention {
  readonly changes: number;
  readonly bytes: number;
  readonly ageMs: number;
}

/** What the product keeps. */
export const RETENTION: Retention = { changes: 50_000, bytes: 256 * 1024 * 1024, ageMs: 7 * 24 * 3_600_000 };

/** Share of a limit by which it may be passed before what is over it goes, so that trimming is seldom. */
const SLACK = 0.05;
/** Changes trimmed by one commit at most, beside twice what it adds: no commit pays for all. */
const TRIMMED = 500;

function toKey(sequence: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return SYSTEM_STORES.changes + bytes.toString('latin1');
}

function sequenceOf(key: string): number {
  return Number(Buffer.from(key.slice(SYSTEM_STORES.changes.length), 'latin1').readBigUInt64BE());
}

/** The log change streams read: the last changes in order of commit, in the same lmdb commit as the change itself. */
export class ChangeLog {
  readonly #reader: Reader;
  readonly #waiting = new Set<() => void>();
  readonly #retention: Retention;
  #isClosed = false;
  #last = 0;
  #first = 1;
  #durable = 0;
  /** Bytes ever logged, and those of them before the first change kept. */
  #end = 0;
  #start = 0;

  constructor(reader: Reader, retention: Partial<Retention> = {}) {
    this.#reader = reader;
    this.#retention = { ...RETENTION, ...retention };
    this.reload();
  }

  /** Begins from what is on disk. */
  reload(): void {
    const reader = this.#reader;
    const all = { start: SYSTEM_STORES.changes, end: successor(SYSTEM_STORES.changes) };
    const [oldest] = reader.range(all, 1);
    const [newest] = reader.range(all, 1, true);
    this.#first = oldest ? sequenceOf(oldest[0]) : 1;
    this.#last = newest ? sequenceOf(newest[0]) : 0;
    this.#start = oldest ? decodeChange(this.#first, oldest[1]).start : 0;
    this.#end = newest ? decodeChange(this.#last, newest[1]).start + newest[1].length : 0;
    this.#durable = this.#last;
  }

  /** Sequence of the last change that is on disk. */
  get durable(): number {
    return this.#durable;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Time of the last change, or null when there is none. */
  lastTime(): Timestamp | null {
    return this.#last === 0 ? null : (this.at(this.#last)?.time ?? null);
  }

  /** The change of a sequence number, or null when it is no longer kept. */
  at(sequence: number): LoggedChange | null {
    const bytes = this.#reader.get(toKey(sequence));
    return bytes ? decodeChange(sequence, bytes) : null;
  }

  /** Adds changes to the writes about to be committed; call the answer once they are on disk. */
  append(overlay: Overlay, changes: readonly Change[], facts: CommitFacts): () => void {
    const before = this.#last;
    for (const change of changes) {
      this.#last += 1;
      const bytes = encodeChange({ ...change, ...facts, start: this.#end });
      this.#end += bytes.length;
      overlay.put(toKey(this.#last), bytes);
    }
    this.#trim(overlay, before, TRIMMED + 2 * changes.length);
    const upTo = this.#last;
    return () => this.#publish(upTo);
  }

  /** Adds the removal of changes that are too old to the writes about to be committed, a few hundred at a time. */
  expire(overlay: Overlay, now: number): void {
    const limit = now - this.#retention.ageMs;
    this.#removeTo(
      overlay,
      this.#search((change) => change.wall.getTime() >= limit),
      TRIMMED,
    );
  }

  /** `upTo`: the last change that can be read already. */
  #trim(overlay: Overlay, upTo: number, most: number): void {
    const { changes, bytes } = this.#retention;
    const over = 1 + SLACK;
    let keep = this.#first;
    if (this.#last - this.#first >= changes * over) keep = this.#last - changes;
    if (this.#end - this.#start > bytes * over)
      keep = Math.max(
        keep,
        this.#search((change) => this.#end - change.start <= bytes),
      );
    this.#removeTo(overlay, Math.min(keep, upTo), most);
  }

  #removeTo(overlay: Overlay, keep: number, most: number): void {
    const to = Math.min(keep, this.#first + most, this.#last);
    if (to <= this.#first) return;
    const first = this.at(to);
    for (; this.#first < to; this.#first += 1) overlay.remove(toKey(this.#first));
    this.#start = first?.start ?? this.#start;
  }

  /** Sequence of the first kept change of which this holds, given that it holds of all after it; that after the last when of none. */
  #search(holds: (change: LoggedChange) => boolean): number {
    let [low, high] = [this.#first, this.#last + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.at(middle);
      if (!found || holds(found)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #publish(upTo: number): void {
    this.#durable = Math.max(this.#durable, upTo);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Whether the changes after a sequence are all still kept. */
  isKept(sequence: number): boolean {
    return sequence + 1 >= this.#first && sequence <= this.#last;
  }

  /** At most `limit` durable changes after a sequence, in order. */
  after(sequence: number, limit: number): LoggedChange[] {
    const last = Math.min(this.#durable, sequence + limit);
    if (this.#isClosed || last <= sequence) return [];
    const entries = this.#reader.range({ start: toKey(sequence + 1), end: toKey(last + 1) }, limit);
    return entries.map(([key, bytes]) => decodeChange(sequenceOf(key), bytes));
  }

  /** Sequence before the first change at or after a time; null when changes from that time on are no longer kept. */
  before(time: Timestamp): number | null {
    const sequence = this.#search((change) => change.time.greaterThanOrEqual(time)) - 1;
    return sequence + 1 === this.#first && this.#first > 1 && this.#last >= this.#first ? null : sequence;
  }

  /** Resolves at the next durable change, after `milliseconds`, or with `close`; at once when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      signal?.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }

  /** Ends all waits; from now on there are no changes to read. */
  close(): void {
    this.#isClosed = true;
    this.#publish(this.#durable);
  }
}
