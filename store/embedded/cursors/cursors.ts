import { Long } from 'bson';
import type { Clock } from '../../../lib/clock.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';

/** A batch that was read from a cursor. */
export interface Batch {
  readonly documents: readonly Uint8Array[];
  /** No more will come. */
  readonly isDone: boolean;
  /** Where a change stream stands. */
  readonly resumeToken?: Document;
}

/** Something a client reads in batches. */
export interface Batches {
  /** At most `count` documents (at least one that is there), 16 MB; a change stream waits `maxTimeMs` for the first. */
  next(count: number, maxTimeMs: number): Promise<Batch>;
  /** Ends a `next` that waits; nobody reads on. */
  close?(): void;
}

/** An open cursor. */
export interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly batches: Batches;
  /** The session it was opened in, and the number of the transaction in which alone it may be read. */
  readonly session: string | null;
  readonly transaction: number | null;
  usedAt: number;
}

/** Milliseconds after which an unread cursor is closed. */
const IDLE_MS = 600_000;

/** Cursors that clients have open. */
export class Cursors {
  readonly #open = new Map<bigint, OpenCursor>();
  readonly #clock: Clock;
  #next = BigInt(Date.now()) * 1000n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(namespace: string, batches: Batches, session: string | null, transaction: number | null): OpenCursor {
    this.#closeIdle();
    this.#next += 1n;
    const cursor = { id: this.#next, namespace, batches, session, transaction, usedAt: this.#clock.now() };
    this.#open.set(cursor.id, cursor);
    return cursor;
  }

  /** MongoError CursorNotFound. */
  get(id: bigint): OpenCursor {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    cursor.usedAt = this.#clock.now();
    return cursor;
  }

  /** Whether it was open. */
  close(id: bigint): boolean {
    this.#open.get(id)?.batches.close?.();
    return this.#open.delete(id);
  }

  /** Closes those of a session. */
  closeOf(session: string): void {
    for (const cursor of [...this.#open.values()]) if (cursor.session === session) this.close(cursor.id);
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.close(id);
  }

  #closeIdle(): void {
    const limit = this.#clock.now() - IDLE_MS;
    for (const [id, { usedAt }] of [...this.#open]) if (usedAt < limit) this.close(id);
  }
}

/** A cursor id as it stands in a decoded command. */
export function toCursorId(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  if (Long.isLong(value)) return value.toBigInt();
  throw new MongoError('TypeMismatch', 'A cursor id must be a 64-bit integer');
}
