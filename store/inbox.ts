import type { Connection } from 'mongoose';
import { mongo } from 'mongoose';
import { type Clock, systemClock } from '../lib/clock.ts';
import { INBOX_HORIZON_MS } from './inbox-horizon.ts';
import type { Inbox } from './store.ts';

/** The collection of the inbox. */
export const INBOX = 'inbox';

/** An event that a consumer has handled. */
interface InboxRow {
  /** Consumer, tenant and event id: their uniqueness is that of `_id`, so that a claim writes one index and no more. */
  readonly _id: string;
  /** When it was claimed; what its expiry counts from. */
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

/**
 * Lets MongoDB remove claims of that age, by default the inbox's horizon. Makes an index, or changes it to that age.
 */
export async function expireInbox(connection: Connection, afterMs: number = INBOX_HORIZON_MS): Promise<void> {
  const rows = connection.collection(INBOX);
  const key = { at: 1 } as const;
  const options = { expireAfterSeconds: Math.ceil(afterMs / 1_000) };
  try {
    await rows.createIndex(key, options);
  } catch (error) {
    if (!isOptionsConflict(error)) throw error;
    await rows.dropIndex('at_1');
    await rows.createIndex(key, options);
  }
}

/** MongoDB's IndexOptionsConflict and IndexKeySpecsConflict: the index is there, with another age. */
function isOptionsConflict(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && (error.code === 85 || error.code === 86);
}

/** Two claims that raced end in a duplicate key, once: the transaction is to run again, and then finds the claim. */
function toTransient(error: unknown): never {
  if (error instanceof mongo.MongoServerError && error.code === 11_000)
    error.addErrorLabel('TransientTransactionError');
  throw error;
}
