import type { Kafka } from 'kafkajs';
import { AppError } from '../../lib/errors.ts';
import type { Position } from '../bus.ts';
import { withPatience } from './patience.ts';
import type { KafkaTopics } from './topics.ts';

/** How long the broker holds this member's one request, in milliseconds: it wants no records. */
const POLL_MS = 100;

interface MoveOptions {
  readonly kafka: Kafka;
  readonly topics: KafkaTopics;
  readonly group: string;
  readonly positions: readonly Position[];
}

/**
 * Sets the offsets of a group in which no member runs (AppError CONFLICT when one does): joins it, commits, leaves.
 * kafkajs's own `admin.setOffsets` does the same topic by topic, waiting 5 s for records each time.
 */
export async function moveGroup(options: MoveOptions): Promise<void> {
  const { topics, group, positions } = options;
  if (positions.length === 0) return;
  if (!(await topics.isIdle(group)))
    throw new AppError('CONFLICT', `Group ${group} has running members; stop them before moving it.`);
  await withPatience(() => commitAsMember(options));
}

async function commitAsMember({ kafka, group, positions }: MoveOptions): Promise<void> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: POLL_MS, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(positions.map(({ topic }) => topic))], fromBeginning: true });
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
    await joined;
    await consumer.commitOffsets(positions.map((position) => ({ ...position, offset: String(position.offset) })));
  } finally {
    await consumer.disconnect();
  }
}
