import { readRecord, requireNotBehind, writeRecord } from '../engine/session-records.ts';
import { noSuchTransaction } from '../engine/transactions.ts';
import { MongoError } from '../mongo-error.ts';
import type { CommandRun, Reply } from './command-run.ts';

/** The session and the number of a command that ends a transaction; both are known to be there. */
function subjectOf(run: CommandRun): { session: string; number: number } {
  return { session: run.session as string, number: run.body['txnNumber'] as number };
}

/**
 * `commitTransaction`: all of it or WriteConflict. Asked again after it committed it answers the same, over a crash too:
 * unless it had written nothing, in which case NoSuchTransaction has the driver begin it anew.
 */
export async function commitTransaction(run: CommandRun): Promise<Reply> {
  const { engine } = run;
  const { transactions } = engine;
  const { session, number } = subjectOf(run);
  const record = readRecord(engine.disk, session);
  requireNotBehind(record, number);
  if ((record?.txnNumber === number && record.isTransaction) || transactions.isCommitted(session, number)) {
    await engine.disk.settled();
    return { document: {} };
  }
  const transaction = transactions.continue(session, number);
  const { unit } = transaction;
  // The commit makes it visible in this turn, so no later command can find it open.
  transactions.end(session);
  if (unit.overlay.writes.size > 0) {
    writeRecord(unit.overlay, session, { txnNumber: number, isTransaction: true, at: new Date(engine.clock.now()) });
    await engine.commit(unit, transaction);
    // What it read must be on disk before it is told to have been so.
  } else await engine.disk.settled();
  transactions.noteCommitted(session, number);
  return { document: {} };
}

/** `abortTransaction`. MongoError NoSuchTransaction, TransactionCommitted. */
export function abortTransaction(run: CommandRun): Reply {
  const { transactions } = run.engine;
  const { session, number } = subjectOf(run);
  if (transactions.isCommitted(session, number))
    throw new MongoError('TransactionCommitted', `Transaction ${number} has been committed.`);
  if (!transactions.isOpen(session, number)) throw noSuchTransaction(number);
  transactions.end(session);
  return { document: {} };
}
