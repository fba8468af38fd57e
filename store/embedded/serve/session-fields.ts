import { Binary } from 'bson';
import { toSession } from '../engine/session-records.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** What a command says of its session. https://github.com/mongodb/specifications/blob/master/source/transactions/transactions.md */
export interface SessionFields {
  /** The session's name within the engine, or null. */
  readonly session: string | null;
  /** The number of the retryable write or of the transaction, or null. */
  readonly txnNumber: number | null;
  readonly isInTransaction: boolean;
  /** The first command of its transaction. */
  readonly starts: boolean;
}

const TRANSACTION_LEVELS = new Set([undefined, 'local', 'majority', 'snapshot']);

function invalid(message: string): MongoError {
  return new MongoError('InvalidOptions', message);
}

function sessionOf(lsid: unknown): string | null {
  if (lsid === undefined) return null;
  const id = isDocument(lsid) ? lsid['id'] : undefined;
  if (!(id instanceof Binary) || id.sub_type !== Binary.SUBTYPE_UUID)
    throw new MongoError('TypeMismatch', "BSON field 'lsid.id' must be a UUID");
  return toSession(lsid as Document);
}

function numberOf(txnNumber: unknown, session: string | null): number | null {
  if (txnNumber === undefined) return null;
  if (typeof txnNumber !== 'number' || !Number.isSafeInteger(txnNumber) || txnNumber < 0)
    throw invalid('A transaction number must be an integer, not below 0');
  if (session === null) throw invalid('Transaction number requires a session ID to also be specified');
  return txnNumber;
}

function checkConcerns(name: string, body: Document, isInTransaction: boolean, starts: boolean): void {
  const level = body['readConcern']?.['level'];
  if (!isInTransaction) {
    if (level === 'snapshot') throw notSupported('Reading a snapshot outside a transaction');
    return;
  }
  if (body['readConcern'] !== undefined && !starts)
    throw invalid('Only the first command in a transaction may specify a readConcern');
  if (!TRANSACTION_LEVELS.has(level)) throw invalid(`The readConcern level ${level} is not valid in a transaction`);
  const ends = name === 'commitTransaction' || name === 'abortTransaction';
  if (body['writeConcern'] !== undefined && !ends)
    throw invalid('writeConcern is not allowed within a multi-statement transaction');
}

/** Reads and checks the session fields of a command. MongoError InvalidOptions, TypeMismatch, CommandNotSupported. */
export function readSessionFields(name: string, body: Document): SessionFields {
  const session = sessionOf(body['lsid']);
  const txnNumber = numberOf(body['txnNumber'], session);
  const { autocommit, startTransaction } = body;
  if (autocommit !== undefined && (autocommit !== false || txnNumber === null))
    throw invalid("Specifying autocommit=true is not allowed, and 'autocommit' needs a transaction number.");
  const isInTransaction = autocommit === false;
  if (startTransaction !== undefined && (startTransaction !== true || !isInTransaction))
    throw invalid("'startTransaction' must be true, and needs autocommit: false.");
  const starts = startTransaction === true;
  checkConcerns(name, body, isInTransaction, starts);
  return { session, txnNumber, isInTransaction, starts };
}
