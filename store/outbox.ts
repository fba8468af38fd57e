import type { Connection } from 'mongoose';
import { checkEvent } from '../events/check-event.ts';
import { toRecord } from '../events/envelope.ts';
import { newUlid, raiseUlids } from '../lib/ids.ts';
import { OUTBOX, type OutboxRow } from './outbox-row.ts';
import type { Outbox } from './store.ts';

/**
 * The outbox of a database. An event that does not fit the catalog fails the transaction that makes it
 * (AppError EVENT_INVALID), so that nothing unpublishable is ever acknowledged.
 */
export function createOutbox(connection: Connection): Outbox {
  const rows = connection.collection<OutboxRow>(OUTBOX);
  return {
    append: async (session, entries) => {
      if (entries.length === 0) return;
      const made = entries.map(({ topic, event }): OutboxRow => {
        checkEvent(topic, event);
        const { key, value, headers } = toRecord(event);
        return { _id: newUlid(), topic, key, value: Buffer.from(value), headers, version: event.data.version };
      });
      await rows.insertMany(made, { session });
    },
  };
}

/** Puts what this process will write after what already waits, though the clock may have gone back since. */
export async function continueOutbox(connection: Connection): Promise<void> {
  const newest = await connection
    .collection<OutboxRow>(OUTBOX)
    .findOne({}, { sort: { _id: -1 }, projection: { _id: 1 } });
  if (newest) raiseUlids(newest._id);
}
