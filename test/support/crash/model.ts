import { join } from 'node:path';
import { type Document, Long, type UUID } from 'bson';

/** Accounts that money moves between; it never becomes more or less. */
export const ACCOUNTS = 12;
export const START_BALANCE = 1000;

export interface Account {
  _id: number;
  balance: number;
}
export interface Transfer {
  _id: number;
  from: number;
  to: number;
  amount: number;
}
export interface Item {
  _id: number;
  key: string;
  n: number;
  tags: (number | string)[];
  /** Rises with each update. */
  v: number;
}
export interface Counter {
  _id: string;
  n: number;
}

/** Where the embedded store of a data folder listens. */
export function socketOf(dataDir: string): string {
  return join(dataDir, 'store', 'store.sock');
}

/** The retryable write `number` of a session: counts one up in the document of that session. */
export function toRetried(session: UUID, number: number): Document {
  return {
    update: 'retried',
    updates: [{ q: { _id: session.toHexString() }, u: { $inc: { n: 1 } }, upsert: true }],
    $db: 'tributary',
    lsid: { id: session },
    txnNumber: Long.fromNumber(number),
  };
}
