import type { Clock } from '../../../lib/clock.ts';
import type { Reader } from '../disk/reader.ts';
import type { WriteSet } from '../disk/write-set.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import { WorkUnit } from './work-unit.ts';

/** Label by which the driver runs a whole transaction again. */
export const TRANSIENT = { errorLabels: ['TransientTransactionError'] };

/** Milliseconds a transaction may live. */
export const TRANSACTION_LIFE_MS = 10_000;

/** A client's transaction: its writes are seen by itself alone; what it read must stay as it was until it commits. */
export interface Transaction {
  readonly lsid: Document;
  readonly number: number;
  readonly unit: WorkUnit;
  readonly startedAt: number;
  /** Another write changed what it read: whatever it is asked from then on is a WriteConflict. */
  isOvertaken: boolean;
  /** A statement of its own failed: it is over. */
  hasFailed: boolean;
}

/** The error of a transaction that another write has overtaken. */
export function writeConflict(): MongoError {
  return new MongoError('WriteConflict', 'WriteConflict: what the transaction read was changed meanwhile', TRANSIENT);
}

function noSuchTransaction(number: number): MongoError {
  return new MongoError('NoSuchTransaction', `Transaction ${number} is not in progress`, TRANSIENT);
}

/**
 * Transactions under way, one a session. Serialisable without locks: every commit dooms the open transactions
 * that had read what it changes, and a doomed one answers WriteConflict, upon which the driver begins it anew.
 * The first to commit wins, so some transaction always gets through.
 */
export class Transactions {
  readonly #open = new Map<string, Transaction>();
  readonly #base: Reader;
  readonly #clock: Clock;

  constructor(base: Reader, clock: Clock) {
    this.#base = base;
    this.#clock = clock;
  }

  begin(session: string, lsid: Document, number: number): Transaction {
    const running = this.#open.get(session);
    if (running && running.number >= number)
      throw new MongoError('TransactionTooOld', `Transaction ${number} has been started or overtaken already`);
    const unit = new WorkUnit(this.#base, true);
    const transaction = { lsid, number, unit, startedAt: this.#clock.now(), isOvertaken: false, hasFailed: false };
    this.#open.set(session, transaction);
    return transaction;
  }

  /** The running transaction. MongoError NoSuchTransaction when it ended or lived too long, WriteConflict when overtaken. */
  continue(session: string, number: number): Transaction {
    const transaction = this.#open.get(session);
    if (transaction?.number !== number) throw noSuchTransaction(number);
    if (this.#isExpired(transaction)) {
      this.#open.delete(session);
      throw noSuchTransaction(number);
    }
    if (transaction.isOvertaken) {
      this.#open.delete(session);
      throw writeConflict();
    }
    return transaction;
  }

  isOpen(session: string, number: number): boolean {
    return this.#open.get(session)?.number === number;
  }

  end(session: string): void {
    this.#open.delete(session);
  }

  /** Dooms every other transaction that read what these writes change. */
  overtake(writes: WriteSet, except: WorkUnit): void {
    for (const transaction of this.#open.values()) {
      if (transaction.unit === except || transaction.isOvertaken) continue;
      if (transaction.unit.tracker?.isTouchedBy(writes)) transaction.isOvertaken = true;
    }
  }

  /** Drops transactions that lived too long. */
  expire(): void {
    for (const [session, transaction] of this.#open) if (this.#isExpired(transaction)) this.#open.delete(session);
  }

  #isExpired({ startedAt }: Transaction): boolean {
    return this.#clock.now() - startedAt > TRANSACTION_LIFE_MS;
  }
}
