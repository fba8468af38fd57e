import type { Kafka } from 'kafkajs';
import { AppError } from '../../lib/errors.ts';
import { newUlid } from '../../lib/ids.ts';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord, Position, Tail, TailOptions } from '../bus.ts';
import { startReader } from './reader.ts';
import type { Extent, KafkaTopics } from './topics.ts';

/** AppError CURSOR_EXPIRED when a position is before what is kept, or after all that was ever written. */
export function requireKept(extents: readonly Extent[], { topic, partition, offset }: Position): void {
  const extent = extents.find((candidate) => candidate.topic === topic && candidate.partition === partition);
  if (!extent || offset < extent.low || offset > extent.high)
    throw new AppError('CURSOR_EXPIRED', `Records of ${topic} after this position are no longer kept.`);
}

/**
 * A tail as a group of one that commits nothing: at each joining it seeks to where it stands. The group is removed when
 * the tail is closed; one left behind by a crash has no offsets, and the broker forgets it by itself.
 */
export async function startKafkaTail(
  options: TailOptions & { readonly kafka: Kafka; readonly kafkaTopics: KafkaTopics; readonly logger: Logger },
): Promise<Tail> {
  const { kafka, kafkaTopics, topics, logger } = options;
  const groups: string[] = [];
  const next = await pin(options);
  const reader = await startReader({
    kafka,
    // A new one for each new consumer: in the old group it would have to wait until the broken member is forgotten.
    group: () => {
      groups.push(`tail-${newUlid()}`);
      return groups.at(-1) as string;
    },
    topics,
    commits: false,
    logger,
    onJoin: (consumer) => {
      for (const { topic, partition, offset } of next.values())
        consumer.seek({ topic, partition, offset: String(offset) });
    },
    take: async (record) => {
      const place = placeOf(record);
      const expected = next.get(place)?.offset ?? 0;
      if (record.offset < expected) return true;
      next.set(place, { topic: record.topic, partition: record.partition, offset: record.offset + 1 });
      await hand(record, options);
      return true;
    },
  });
  return {
    positions: () => [...next.values()],
    close: async () => {
      await reader.close();
      const removed = await Promise.allSettled(groups.map((group) => kafkaTopics.deleteGroup(group)));
      const left = removed.filter(({ status }) => status === 'rejected').length;
      if (left > 0) logger.debug({ left }, 'a tail left groups behind; the broker forgets them by itself');
    },
  };
}

/** Where each partition begins. */
async function pin({
  kafkaTopics,
  topics,
  from,
}: TailOptions & { kafkaTopics: KafkaTopics }): Promise<Map<string, Position>> {
  const extents = await kafkaTopics.extents(topics);
  const wanted = from === 'latest' ? [] : from.filter(({ topic }) => topics.includes(topic));
  for (const position of wanted) requireKept(extents, position);
  const asked = new Map(wanted.map((position) => [placeOf(position), position.offset]));
  return new Map(
    extents.map(({ topic, partition, high }) => {
      const place = placeOf({ topic, partition });
      return [place, { topic, partition, offset: asked.get(place) ?? high }];
    }),
  );
}

function placeOf({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}

async function hand(record: BusRecord, { onRecord, logger }: TailOptions & { logger: Logger }): Promise<void> {
  try {
    await onRecord(record);
  } catch (error) {
    const { topic, partition, offset } = record;
    logger.error({ topic, partition, offset, err: error }, 'a tail failed on a record');
  }
}
