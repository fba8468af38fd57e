import { SYSTEM_STORES } from '../catalog/catalog.ts';
import { toRecordKey } from '../collection/record-key.ts';
import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, decode, encode } from '../value/codec.ts';

/** The last retryable write or committed transaction of a session, on disk in the same commit as its effect. */
export interface SessionRecord {
  readonly txnNumber: number;
  /** What was answered, for the same answer to the same number. */
  readonly reply: Document;
  readonly isTransaction: boolean;
  readonly at: Date;
}

/** The name of a session within the engine. */
export function toSession(lsid: Document): string {
  return toRecordKey(lsid['id']);
}

/** What a session did last, or null. */
export function readRecord(reader: Reader, session: string): SessionRecord | null {
  const bytes = reader.get(SYSTEM_STORES.sessions + session);
  return bytes ? (decode(bytes) as SessionRecord) : null;
}

/** Keeps what a session did, in place of what it did before. */
export function writeRecord(overlay: Overlay, session: string, record: SessionRecord): void {
  overlay.put(SYSTEM_STORES.sessions + session, encode({ ...record }));
}

/** The earlier answer when this number was done already; null when it is new. MongoError TransactionTooOld when it is behind. */
export function earlierReply(reader: Reader, session: string, txnNumber: number): Document | null {
  const record = readRecord(reader, session);
  if (!record || record.txnNumber < txnNumber) return null;
  if (record.txnNumber === txnNumber && !record.isTransaction) return record.reply;
  throw new MongoError(
    'TransactionTooOld',
    `Retryable write ${txnNumber} is behind ${record.txnNumber} of its session`,
  );
}
