import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import {
  readRecord,
  requireNotBehind,
  type StatementOutcome,
  type StatementRun,
  writeRecord,
} from './session-records.ts';

function extend(runs: StatementRun[], at: number, { n, nModified, upsertedId }: StatementOutcome): void {
  const last = runs.at(-1);
  const isSame = upsertedId === undefined && last?.upsertedId === undefined;
  if (last && isSame && last.to === at - 1 && last.n === n && last.nModified === nModified)
    runs[runs.length - 1] = { ...last, to: at };
  else
    runs.push({
      from: at,
      to: at,
      n,
      ...(nModified === undefined ? {} : { nModified }),
      ...(upsertedId === undefined ? {} : { upsertedId }),
    });
}

/**
 * A write under a number of its session: each of its statements happens once, however often it is sent. What was done is
 * kept in the same commit as its effect, so this holds over a crash, and over a command that was committed in parts.
 */
export class RetryableWrite {
  readonly #session: string;
  readonly #txnNumber: number;
  readonly #done: StatementRun[];
  #reply: Document | undefined;

  /** MongoError TransactionTooOld when the session has gone on, or used the number for a transaction. */
  constructor(reader: Reader, session: string, txnNumber: number) {
    const record = readRecord(reader, session);
    requireNotBehind(record, txnNumber);
    const earlier = record?.txnNumber === txnNumber ? record : null;
    if (earlier?.isTransaction)
      throw new MongoError('TransactionTooOld', `txnNumber ${txnNumber} was used for a transaction`);
    this.#session = session;
    this.#txnNumber = txnNumber;
    this.#done = [...(earlier?.statements ?? [])];
    this.#reply = earlier?.reply;
  }

  /** What was answered when all of it was one answer, or null. */
  get reply(): Document | null {
    return this.#reply ?? null;
  }

  /** Whether some of it was done before, maybe not yet on disk. */
  get isRetried(): boolean {
    return this.#done.length > 0 || this.#reply !== undefined;
  }

  /** What a statement did when it was sent before, or null. */
  outcomeOf(at: number): StatementOutcome | null {
    return this.#done.find(({ from, to }) => at >= from && at <= to) ?? null;
  }

  note(at: number, outcome: StatementOutcome): void {
    extend(this.#done, at, outcome);
  }

  noteReply(reply: Document): void {
    this.#reply = reply;
  }

  /** Adds what was done so far to the writes about to be committed. */
  save(overlay: Overlay, at: Date): void {
    const outcome = this.#reply ? { reply: this.#reply } : { statements: this.#done };
    writeRecord(overlay, this.#session, { txnNumber: this.#txnNumber, isTransaction: false, at, ...outcome });
  }
}
