import type { Admin, ITopicConfig } from 'kafkajs';
import type { Bus, Position, TopicSpec } from '../bus.ts';
import { withDeadLetters } from '../dead-letter-topics.ts';
import { requireTopicName, unknownTopic } from '../record-limits.ts';
import { withPatience } from './patience.ts';

/** What one partition holds: from `low` up to, not including, `high`. */
export interface Extent {
  readonly topic: string;
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** What brokers answer when another one leads by now, or none yet. kafkajs's admin goes on asking the same one for minutes. */
const MOVED = /^(NOT_LEADER_FOR_PARTITION|LEADER_NOT_AVAILABLE|FENCED_LEADER_EPOCH|UNKNOWN_LEADER_EPOCH)$/;

/** The topics of the cluster as the bus needs them. */
export class KafkaTopics {
  readonly #admin: Admin;
  /** Partition counts: fixed while a topic lives, as Kafka can only ever add some, and we never do. */
  readonly #partitions = new Map<string, Promise<number>>();
  #renewing: Promise<void> | null = null;

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  /** Makes what is missing. Replication is the cluster's default. */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    for (const { name } of specs) requireTopicName(name);
    const existing = new Set(await this.#admin.listTopics());
    const missing = specs.flatMap(withDeadLetters).filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    await this.#admin.createTopics({ topics: missing.map(toConfig), waitForLeaders: true });
  }

  /** Number of partitions. AppError EVENT_INVALID when nobody made the topic; never makes one by asking. */
  partitions(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known) return known;
    // One lookup for all who ask meanwhile, else the quicker of two answers would let its caller overtake the other.
    const found = this.#count(topic);
    this.#partitions.set(topic, found);
    found.catch(() => this.#partitions.delete(topic));
    return found;
  }

  /** Asks the brokers again, the next time. */
  forget(topic: string): void {
    this.#partitions.delete(topic);
  }

  async #count(topic: string): Promise<number> {
    if (!(await this.#admin.listTopics()).includes(topic)) throw unknownTopic(topic);
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  }

  /** What is kept of each topic's partitions. */
  async extents(topics: readonly string[]): Promise<Extent[]> {
    const found = topics.map(async (topic) => {
      await this.partitions(topic);
      const offsets = await this.#ask(() => this.#admin.fetchTopicOffsets(topic));
      return offsets.map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) }));
    });
    return (await Promise.all(found)).flat().sort(inOrder);
  }

  async positions(topics: readonly string[], at: Parameters<Bus['positions']>[1]): Promise<Position[]> {
    const extents = await this.extents(topics);
    if (at === 'earliest') return extents.map(({ low, topic, partition }) => ({ topic, partition, offset: low }));
    if (at === 'latest') return extents.map(({ high, topic, partition }) => ({ topic, partition, offset: high }));
    const found = topics.map(async (topic) => {
      const offsets = await this.#ask(() => this.#admin.fetchTopicOffsetsByTimestamp(topic, at.time));
      return offsets.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }));
    });
    return (await Promise.all(found)).flat().sort(inOrder);
  }

  /** Asks leaders of partitions, and asks again for some seconds while those are being elected. */
  #ask<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    return withPatience(async () => {
      try {
        return await run();
      } catch (error) {
        if (MOVED.test((error as { type?: string }).type ?? '')) await this.#renew();
        throw error;
      }
    }, MOVED);
  }

  /** Has the admin forget who leads what: it does so only when it connects anew. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#admin
      .disconnect()
      .then(() => this.#admin.connect())
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  /** Where a group stands, by topic and partition; -1 where it never committed. */
  async committed(group: string, topics: readonly string[]): Promise<Position[]> {
    const offsets = await this.#admin.fetchOffsets({ groupId: group, topics: [...topics] });
    return offsets.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
    );
  }

  /** Whether no member of the group runs. */
  async isIdle(group: string): Promise<boolean> {
    const { groups } = await this.#admin.describeGroups([group]);
    return groups.every(({ state }) => state === 'Empty' || state === 'Dead');
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#admin.deleteGroups([group]);
  }
}

function inOrder(one: Position | Extent, other: Position | Extent): number {
  return one.topic.localeCompare(other.topic) || one.partition - other.partition;
}

/** Limits of a log's files: Kafka lets go of whole files only, so they are small against what is to be kept. */
const LEAST_SEGMENT_BYTES = 1_048_576;
const MOST_SEGMENT_BYTES = 1_073_741_824;
const LEAST_SEGMENT_MS = 60_000;
const SEGMENTS = 8;

/** Topic settings. https://kafka.apache.org/documentation/#topicconfigs */
function toConfig({ name, partitions, retentionMs, retentionBytes }: TopicSpec): ITopicConfig {
  const settings: Record<string, string | number> = {
    'retention.ms': retentionMs,
    'segment.ms': Math.max(LEAST_SEGMENT_MS, Math.ceil(retentionMs / SEGMENTS)),
    // The time at which the log took a record, as the port promises; times then rise with offsets.
    'message.timestamp.type': 'LogAppendTime',
  };
  if (retentionBytes !== undefined) {
    const wanted = Math.ceil(retentionBytes / SEGMENTS);
    settings['retention.bytes'] = retentionBytes;
    settings['segment.bytes'] = Math.min(MOST_SEGMENT_BYTES, Math.max(LEAST_SEGMENT_BYTES, wanted));
  }
  const configEntries = Object.entries(settings).map(([entry, value]) => ({ name: entry, value: String(value) }));
  return { topic: name, numPartitions: partitions, configEntries };
}
