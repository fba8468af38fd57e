import type { CommandRun, Reply } from '../commands/command-run.ts';
import type { Engine } from '../engine/engine.ts';
import { readRecord, requireNotBehind } from '../engine/session-records.ts';
import { TRANSACTION_BYTES, type Transaction, writeConflict } from '../engine/transactions.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import type { CommandSpec } from './dispatch.ts';
import type { SessionFields } from './session-fields.ts';

/** The transaction a command is part of: begun by its first command; null outside. MongoError NoSuchTransaction and its kin. */
export function transactionOf(engine: Engine, body: Document, fields: SessionFields): Transaction | null {
  const { session, txnNumber, isInTransaction, starts } = fields;
  if (!isInTransaction || session === null || txnNumber === null) return null;
  if (!starts) return engine.transactions.continue(session, txnNumber);
  const record = readRecord(engine.disk, session);
  requireNotBehind(record, txnNumber);
  if (record?.txnNumber === txnNumber)
    throw new MongoError('TransactionTooOld', `txnNumber ${txnNumber} has been used before`);
  return engine.transactions.begin(session, body['lsid'], txnNumber);
}

function requireFit({ unit }: Transaction): void {
  if (unit.overlay.bytes <= TRANSACTION_BYTES) return;
  throw new MongoError(
    'TransactionTooLarge',
    `The transaction writes more than ${TRANSACTION_BYTES} bytes, which are held in memory until it commits`,
  );
}

/**
 * Runs a command of a transaction; a failed one is the end of it. What a command saw after its transaction was overtaken
 * is no answer, though the command itself went well.
 */
export async function runInTransaction(run: CommandRun, spec: CommandSpec, transaction: Transaction): Promise<Reply> {
  const { transactions } = run.engine;
  const abort = () => {
    const session = run.session as string;
    if (transactions.isOpen(session, transaction.number)) transactions.end(session);
  };
  try {
    const reply = await spec.handle(run);
    if (transaction.isOvertaken) throw writeConflict();
    transactions.claim(transaction);
    requireFit(transaction);
    // A failed statement ends it too; what the driver sends next learns so.
    if (transaction.hasFailed) abort();
    return reply;
  } catch (error) {
    abort();
    throw transaction.isOvertaken ? writeConflict() : error;
  }
}
