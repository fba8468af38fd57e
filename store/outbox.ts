import type { Connection } from 'mongoose';
import type { OutgoingRecord } from '../events/bus.ts';
import { checkEvent } from '../events/check-event.ts';
import { toRecord } from '../events/envelope.ts';
import { requireRecordSizes } from '../events/record-limits.ts';
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
        return toRow(topic, toRecord(event), event.data.version);
      });
      await rows.insertMany(made, { session });
    },
    appendRecords: async (session, topic, records) => {
      requireRecordSizes(topic, records);
      // All of one version: that leaves them in their own order.
      const made = records.map((record) => toRow(topic, record, 0));
      if (made.length > 0) await rows.insertMany(made, session ? { session } : {});
    },
  };
}

function toRow(topic: string, { key, value, headers }: OutgoingRecord, version: number): OutboxRow {
  return { _id: newUlid(), topic, key, value: Buffer.from(value), headers, version };
}

/** Lets the relay try again what it set aside, once the reason is mended; answers how many rows that is. */
export async function readmitRefused(connection: Connection, topic?: string): Promise<number> {
  const refused = { refused: { $exists: true }, ...(topic === undefined ? {} : { topic }) };
  const { modifiedCount } = await connection
    .collection<OutboxRow>(OUTBOX)
    .updateMany(refused, { $unset: { refused: 1 as const } });
  return modifiedCount;
}

/** Puts what this process will write after what already waits, though the clock may have gone back since. */
export async function continueOutbox(connection: Connection): Promise<void> {
  const newest = await connection
    .collection<OutboxRow>(OUTBOX)
    .findOne({}, { sort: { _id: -1 }, projection: { _id: 1 } });
  if (newest) raiseUlids(newest._id);
}
