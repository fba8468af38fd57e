import type { Connection } from 'mongoose';
import { mongo } from 'mongoose';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Inbox } from './store.ts';

/** The collection of the inbox. */
export const INBOX = 'inbox';

/** An event that a consumer has handled. */
interface InboxRow {
  /** Consumer, tenant and event id: their uniqueness is that of `_id`, so that a claim writes one index and no more. */
  readonly _id: string;
  /** When it was claimed; what an expiry by `expireInbox` counts from. */
  readonly at: Date;
}

/** The inbox of a database. */
export function createInbox(connection: Connection, { clock = systemClock }: { clock?: Clock } = {}): Inbox {
  const rows = connection.collection<InboxRow>(INBOX);
  return {
    claim: async (session, consumer, tenant, eventId) => {
      // An upsert, not an insert: a duplicate key would end the transaction, a match does not.
      const claimed = rows.updateOne(
        { _id: JSON.stringify([consumer, tenant, eventId]) },
        { $setOnInsert: { at: new Date(clock.now()) } },
        { session, upsert: true },
      );
      return (await claimed.catch(toTransient)).upsertedCount === 1;
    },
  };
}

/** Lets MongoDB remove claims of that age: older than any event can still be delivered again. Makes an index, so the caller decides. */
export async function expireInbox(connection: Connection, afterSeconds: number): Promise<void> {
  await connection.collection(INBOX).createIndex({ at: 1 }, { expireAfterSeconds: afterSeconds });
}

/** Two claims that raced end in a duplicate key, once: the transaction is to run again, and then finds the claim. */
function toTransient(error: unknown): never {
  if (error instanceof mongo.MongoServerError && error.code === 11_000)
    error.addErrorLabel('TransientTransactionError');
  throw error;
}
