import { readRecord, toSession, writeRecord } from '../engine/session-records.ts';
import { TRANSIENT, writeConflict } from '../engine/transactions.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';

function txnNumberOf(run: CommandRun): number {
  const number = run.body['txnNumber'];
  if (typeof number !== 'number') throw new MongoError('InvalidOptions', 'A transaction needs a txnNumber');
  return number;
}

/** `commitTransaction`: all of it or WriteConflict. Asked again after it committed it answers the same. */
export async function commitTransaction(run: CommandRun): Promise<Reply> {
  const { engine } = run;
  const session = run.session as string;
  const number = txnNumberOf(run);
  const record = readRecord(engine.disk, session);
  if (record?.txnNumber === number && record.isTransaction) {
    await engine.disk.settled();
    return { document: {} };
  }
  const transaction = engine.transactions.continue(session, number);
  engine.transactions.end(session);
  if (transaction.isOvertaken) throw writeConflict();
  const { overlay } = transaction.unit;
  writeRecord(overlay, session, {
    txnNumber: number,
    reply: {},
    isTransaction: true,
    at: new Date(engine.clock.now()),
  });
  await engine.commit(transaction.unit, transaction);
  return { document: {} };
}

/** `abortTransaction`. */
export function abortTransaction(run: CommandRun): Reply {
  const session = run.session as string;
  const number = txnNumberOf(run);
  if (!run.engine.transactions.isOpen(session, number))
    throw new MongoError('NoSuchTransaction', `Transaction ${number} is not in progress`, TRANSIENT);
  run.engine.transactions.end(session);
  return { document: {} };
}

/** `endSessions`: their transactions end with them. */
export function endSessions(run: CommandRun): Reply {
  for (const lsid of (run.body['endSessions'] as Document[]) ?? []) run.engine.transactions.end(toSession(lsid));
  return { document: {} };
}
