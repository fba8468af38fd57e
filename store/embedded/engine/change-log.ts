import { Binary, type Timestamp } from 'bson';
import { SYSTEM_STORES } from '../catalog/catalog.ts';
import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import type { UpdateDescription } from '../update/difference.ts';
import { type Document, decode, encode } from '../value/codec.ts';
import { successor } from '../value/key.ts';

/** One change of one document, or of a collection as a whole, as change streams tell it. */
export interface Change {
  readonly operation: 'insert' | 'update' | 'replace' | 'delete' | 'drop' | 'dropDatabase';
  readonly namespace: string;
  /** The document's `_id`. */
  readonly id?: unknown;
  /** The document after an insert or a replace, as BSON. */
  readonly bytes?: Uint8Array;
  readonly description?: UpdateDescription;
}

/** A change in the log. */
export interface LoggedChange extends Change {
  readonly sequence: number;
  readonly time: Timestamp;
  readonly wall: Date;
  readonly transaction?: { readonly lsid: Document; readonly txnNumber: number };
}

/** Changes kept at least, for streams to resume from. */
const RETAINED = 20_000;

function toKey(sequence: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return SYSTEM_STORES.changes + bytes.toString('latin1');
}

function toLogged(sequence: number, bytes: Uint8Array): LoggedChange {
  const { bytes: after, ...rest } = decode(bytes);
  return { ...(rest as unknown as LoggedChange), sequence, ...(after ? { bytes: (after as Binary).buffer } : {}) };
}

/** The log change streams read: the last changes in order of commit, in the same lmdb commit as the change itself. */
export class ChangeLog {
  readonly #reader: Reader;
  readonly #waiting = new Set<() => void>();
  readonly #retained: number;
  #isClosed = false;
  #last: number;
  #first: number;
  #durable: number;

  /** `retained`: changes kept at least; a twentieth more are kept before they are trimmed together. */
  constructor(reader: Reader, retained = RETAINED) {
    this.#reader = reader;
    this.#retained = retained;
    const all = { start: SYSTEM_STORES.changes, end: successor(SYSTEM_STORES.changes) };
    const sequenceOf = (key: string | undefined) =>
      key ? Number(Buffer.from(key.slice(SYSTEM_STORES.changes.length), 'latin1').readBigUInt64BE()) : 0;
    this.#last = sequenceOf(reader.range(all, 1, true)[0]?.[0]);
    this.#first = sequenceOf(reader.range(all, 1)[0]?.[0]) || 1;
    this.#durable = this.#last;
  }

  /** Sequence of the last change that is on disk. */
  get durable(): number {
    return this.#durable;
  }

  /** Time of the last change, or null when there is none. */
  lastTime(): Timestamp | null {
    return this.#last === 0 ? null : (this.#at(this.#last)?.time ?? null);
  }

  #at(sequence: number): LoggedChange | null {
    const bytes = this.#reader.get(toKey(sequence));
    return bytes ? toLogged(sequence, bytes) : null;
  }

  /** Adds changes to the writes about to be committed; call the answer once they are on disk. */
  append(
    overlay: Overlay,
    changes: readonly Change[],
    facts: Omit<LoggedChange, keyof Change | 'sequence'>,
  ): () => void {
    for (const change of changes) {
      this.#last += 1;
      const bytes = change.bytes ? { bytes: new Binary(change.bytes) } : {};
      overlay.put(toKey(this.#last), encode({ ...change, ...bytes, ...facts }));
    }
    this.#trim(overlay);
    const upTo = this.#last;
    return () => this.#publish(upTo);
  }

  #trim(overlay: Overlay): void {
    if (this.#last - this.#first < this.#retained * 1.05) return;
    const keep = this.#last - this.#retained;
    for (; this.#first < keep; this.#first += 1) overlay.remove(toKey(this.#first));
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
    if (this.#isClosed) return [];
    const changes: LoggedChange[] = [];
    const last = Math.min(this.#durable, sequence + limit);
    const entries =
      last > sequence ? this.#reader.range({ start: toKey(sequence + 1), end: toKey(last + 1) }, limit) : [];
    for (const [at, [, bytes]] of entries.entries()) changes.push(toLogged(sequence + 1 + at, bytes));
    return changes;
  }

  /** Sequence before the first kept change at or after a time. */
  before(time: Timestamp): number {
    let [low, high] = [this.#first, this.#last + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#at(middle);
      if (found?.time.greaterThanOrEqual(time)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** Resolves at the next durable change, after `milliseconds`, or with `close`. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
    });
  }

  /** Ends all waits; from now on there are no changes to read. */
  close(): void {
    this.#isClosed = true;
    this.#publish(this.#durable);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
}
