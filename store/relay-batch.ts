import type { mongo } from 'mongoose';
import type { Bus } from '../events/bus.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { OutboxRow } from './outbox-row.ts';
import { publishRows } from './publish-rows.ts';
import type { StalledTopics } from './stalled-topics.ts';

/** Bytes of values held in memory at once; one row more than that at most. */
const BATCH_BYTES = 8_000_000;
/** Rows that the server sends at once: 16 MB at most, whatever they hold. */
const ROWS_PER_REPLY = 100;

/** The oldest rows that wait, of topics that are not at rest: so many, or fewer when they are large. */
export async function readBatch(
  rows: mongo.Collection<OutboxRow>,
  limit: number,
  resting: readonly string[],
): Promise<OutboxRow[]> {
  const waiting = { refused: { $exists: false }, ...(resting.length > 0 ? { topic: { $nin: [...resting] } } : {}) };
  const options = { sort: { _id: 1 } as const, limit, batchSize: Math.min(limit, ROWS_PER_REPLY) };
  const batch: OutboxRow[] = [];
  let bytes = 0;
  for await (const row of rows.find(waiting, options)) {
    batch.push(row);
    bytes += sizeOf(row.value);
    if (bytes >= BATCH_BYTES) break;
  }
  return batch;
}

function sizeOf(value: OutboxRow['value'] | null | undefined): number {
  return value instanceof Uint8Array ? value.byteLength : (value?.position ?? 0);
}

/** Publishes a batch, removes what the bus acknowledged and sets aside what it will never take. Answers whether all of it is settled. */
export async function relayBatch(
  options: {
    readonly rows: mongo.Collection<OutboxRow>;
    readonly bus: Bus;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly stalled: StalledTopics;
  },
  batch: readonly OutboxRow[],
): Promise<boolean> {
  const { rows, bus, clock, logger, stalled } = options;
  const outcomes = await publishRows(bus, batch);
  const published = outcomes.flatMap((outcome) => outcome.published);
  if (published.length > 0) await rows.deleteMany({ _id: { $in: published } });
  for (const { topic, refused, failure } of outcomes) {
    for (const { id, code, message } of refused) {
      logger.error({ outbox: id, topic, code }, 'the bus will never take this event; it is set aside in the outbox');
      await rows.updateOne({ _id: id }, { $set: { refused: { code, message, at: new Date(clock.now()) } } });
    }
    if (failure === null) stalled.succeed(topic);
    else logger.warn({ err: failure, topic, failures: stalled.fail(topic) }, 'a topic could not be relayed; again');
  }
  return outcomes.every(({ failure }) => failure === null);
}
