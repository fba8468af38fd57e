import { SYSTEM_STORES } from '../catalog/catalog.ts';
import { toRecordKey } from '../collection/record-key.ts';
import type { Overlay } from '../disk/overlay.ts';
import type { Reader } from '../disk/reader.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, decode, encode } from '../value/codec.ts';

/** What a statement of a write command did. */
export interface StatementOutcome {
  readonly n: number;
  readonly nModified?: number;
  readonly upsertedId?: unknown;
}

/** Statements in a row, counted from 0, that did the same. */
export interface StatementRun extends StatementOutcome {
  readonly from: number;
  readonly to: number;
}

/** The last retryable write or committed transaction of a session, on disk in the same commit as its effect. */
export interface SessionRecord {
  readonly txnNumber: number;
  readonly isTransaction: boolean;
  readonly at: Date;
  /** What `findAndModify` answered, for the same answer to the same number. */
  readonly reply?: Document;
  /** The statements done, of a write that has statements. */
  readonly statements?: readonly StatementRun[];
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

/** MongoError TransactionTooOld when a session has gone beyond this number. */
export function requireNotBehind(record: SessionRecord | null, txnNumber: number): void {
  if (!record || record.txnNumber <= txnNumber) return;
  throw new MongoError(
    'TransactionTooOld',
    `Cannot use txnNumber ${txnNumber}: a newer operation, ${record.txnNumber}, has started in its session`,
  );
}
