import type { Clock } from '../../../lib/clock.ts';
import type { Reader } from '../disk/reader.ts';
import type { WriteSet } from '../disk/write-set.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import { WorkUnit } from './work-unit.ts';
import { WriteClaims } from './write-claims.ts';

/** Label by which the driver runs a whole transaction again. */
export const TRANSIENT = { errorLabels: ['TransientTransactionError'] };

/** Milliseconds a transaction may live, as MongoDB has it. */
export const TRANSACTION_LIFE_MS = 60_000;
/** Bytes a transaction may write: they are held in memory until it commits. */
export const TRANSACTION_BYTES = 64 * 1024 * 1024;
/** Sessions of which the last ended transaction is remembered. */
const REMEMBERED = 10_000;

/** A client's transaction: its writes are seen by itself alone; what it read must stay as it was until it commits. */
export interface Transaction {
  readonly lsid: Document;
  readonly number: number;
  readonly unit: WorkUnit;
  readonly startedAt: number;
  /** Called when it is over, however it ended: its cursors go with it. */
  readonly atEnd: (() => void)[];
  /** Another write changed what it read: whatever it is asked from then on is a WriteConflict. */
  isOvertaken: boolean;
  /** A statement of its own failed: it is over. */
  hasFailed: boolean;
  /** Changes of its unit whose documents it has claimed. */
  claimed: number;
  readonly isAlive: () => boolean;
}

/** The last transaction of a session that ended. */
interface Ended {
  readonly number: number;
  readonly isCommitted: boolean;
}

/** The error of a transaction that another write has overtaken. */
export function writeConflict(): MongoError {
  return new MongoError(
    'WriteConflict',
    'WriteConflict: what the transaction touched was changed meanwhile',
    TRANSIENT,
  );
}

/** The error of a transaction that is not there: ended, lived too long, or never begun. */
export function noSuchTransaction(number: number): MongoError {
  return new MongoError('NoSuchTransaction', `Transaction ${number} is not in progress`, TRANSIENT);
}

/**
 * Transactions under way, one a session. Serialisable without locks: every commit dooms the open transactions
 * that had read what it changes, and a doomed one answers WriteConflict, upon which the driver begins it anew. So does
 * one that writes what another open one has written: of two the first to write goes on, as in MongoDB.
 */
export class Transactions {
  readonly #open = new Map<string, Transaction>();
  /** In order of their end. */
  readonly #ended = new Map<string, Ended>();
  readonly #claims = new WriteClaims<Transaction>();
  readonly #base: Reader;
  readonly #clock: Clock;

  constructor(base: Reader, clock: Clock) {
    this.#base = base;
    this.#clock = clock;
  }

  /** Transactions under way. */
  get size(): number {
    return this.#open.size;
  }

  /** Begins a session's next transaction; the one before, if still open, is aborted. MongoError TransactionTooOld. */
  begin(session: string, lsid: Document, number: number): Transaction {
    const last = Math.max(this.#open.get(session)?.number ?? -1, this.#ended.get(session)?.number ?? -1);
    if (last >= number)
      throw new MongoError('TransactionTooOld', `Transaction ${number} has been started or overtaken already`);
    this.end(session);
    const unit = new WorkUnit(this.#base, true);
    const transaction: Transaction = {
      lsid,
      number,
      unit,
      startedAt: this.#clock.now(),
      atEnd: [() => this.#claims.release(transaction)],
      isOvertaken: false,
      hasFailed: false,
      claimed: 0,
      isAlive: () => !transaction.isOvertaken && !this.#isExpired(transaction),
    };
    this.#open.set(session, transaction);
    return transaction;
  }

  /** The running transaction. MongoError NoSuchTransaction when it ended or lived too long, WriteConflict when overtaken. */
  continue(session: string, number: number): Transaction {
    const transaction = this.#open.get(session);
    const last = transaction?.number ?? this.#ended.get(session)?.number ?? -1;
    if (last > number)
      throw new MongoError('TransactionTooOld', `Transaction ${number} is behind ${last} of its session`);
    if (this.isCommitted(session, number))
      throw new MongoError('TransactionCommitted', `Transaction ${number} has been committed.`);
    if (transaction?.number !== number) throw noSuchTransaction(number);
    if (this.#isExpired(transaction)) {
      this.end(session);
      throw noSuchTransaction(number);
    }
    if (transaction.isOvertaken) {
      this.end(session);
      throw writeConflict();
    }
    return transaction;
  }

  isOpen(session: string, number: number): boolean {
    return this.#open.get(session)?.number === number;
  }

  /** Whether this was the session's last transaction to end, and it committed. */
  isCommitted(session: string, number: number): boolean {
    const ended = this.#ended.get(session);
    return ended?.number === number && ended.isCommitted;
  }

  /** Frees what the session's open transaction holds. */
  end(session: string): void {
    const transaction = this.#open.get(session);
    if (!transaction) return;
    this.#open.delete(session);
    this.#remember(session, { number: transaction.number, isCommitted: false });
    for (const release of transaction.atEnd) release();
  }

  /** Notes that an ended transaction is committed. */
  noteCommitted(session: string, number: number): void {
    if (this.#ended.get(session)?.number === number) this.#remember(session, { number, isCommitted: true });
  }

  #remember(session: string, ended: Ended): void {
    this.#ended.delete(session);
    this.#ended.set(session, ended);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** Aborts every open transaction. */
  endAll(): void {
    for (const session of [...this.#open.keys()]) this.end(session);
  }

  /** Claims what the transaction has written since it last did. MongoError WriteConflict when another open one wrote it first. */
  claim(transaction: Transaction): void {
    const { changes } = transaction.unit;
    if (transaction.claimed === changes.length) return;
    if (!this.#claims.claim(transaction, changes.slice(transaction.claimed))) throw writeConflict();
    transaction.claimed = changes.length;
  }

  /** Dooms every other transaction that read what these writes change. */
  overtake(writes: WriteSet, except: WorkUnit): void {
    for (const transaction of this.#open.values()) {
      if (transaction.unit === except || transaction.isOvertaken) continue;
      if (transaction.unit.tracker?.isTouchedBy(writes)) transaction.isOvertaken = true;
    }
  }

  /** Dooms all: what they read may not be on disk. */
  overtakeAll(): void {
    for (const transaction of this.#open.values()) transaction.isOvertaken = true;
  }

  /** Aborts transactions that lived too long. */
  expire(): void {
    for (const [session, transaction] of [...this.#open]) if (this.#isExpired(transaction)) this.end(session);
  }

  #isExpired({ startedAt }: Transaction): boolean {
    return this.#clock.now() - startedAt > TRANSACTION_LIFE_MS;
  }
}
