import type { EachBatchPayload, Kafka, Consumer as KafkaConsumer, KafkaMessage } from 'kafkajs';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord } from '../bus.ts';
import { RETRY } from './client.ts';

/**
 * How often a member tells the group that it lives, and how long the group waits for that, in milliseconds. After a
 * crash of ours its partitions rest for that long, as the group first counts on the old member to come back.
 */
const HEARTBEAT_MS = 1_000;
const SESSION_MS = 10_000;
/** How long a broker holds a request without records: bounds how long closing takes. */
const LONG_POLL_MS = 500;
/** How old an uncommitted offset may get while a batch is worked on. */
const COMMIT_EVERY_MS = 200;
/** Partitions worked on side by side. */
const CONCURRENCY = 16;

/** A member of a group that reads records one by one. */
export interface SessionOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly commits: boolean;
  /** Takes a record; a false answer means it was not settled, so it comes again. Must not reject. */
  readonly take: (record: BusRecord, signal: AbortSignal) => Promise<boolean>;
  /** Called on each joining, before anything is read: the place to seek from. */
  readonly onJoin?: (consumer: KafkaConsumer) => void;
  /** Called once when the consumer breaks after it had joined; it reads no more. */
  readonly onDeath: () => void;
  readonly logger: Logger;
}

/** From one joining of the group to the next: ends early when the group rebalances, or when the reader is closed. */
interface Generation {
  readonly stop: AbortController;
  rebalance: Error | null;
}

/**
 * Joins a group and reads; resolves once joined. Heartbeats go on while a handler takes its time. When the group
 * rebalances, each partition ends after the record at hand, commits, and only then the member joins anew: kafkajs waits
 * for all batches of a fetch before it does.
 */
export async function startSession(options: SessionOptions): Promise<{ close(): Promise<void> }> {
  const { kafka, group, topics, onJoin, onDeath, logger } = options;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: LONG_POLL_MS,
    allowAutoTopicCreation: false,
    // Kept from restarting by itself: `startReader` does, and a tail then takes a fresh group.
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });
  let isReading = false;
  let generation: Generation = { stop: new AbortController(), rebalance: null };
  consumer.on(consumer.events.GROUP_JOIN, () => {
    generation = { stop: new AbortController(), rebalance: null };
    onJoin?.(consumer);
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
    logger.warn({ group, err: error }, 'the Kafka consumer broke');
    if (isReading) onDeath();
    isReading = false;
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await joined(consumer, () => readBatches(consumer, options, () => generation));
    isReading = true;
  } catch (error) {
    await consumer.disconnect().catch(() => undefined);
    throw error;
  }
  return {
    close: async () => {
      generation.stop.abort();
      await consumer.disconnect();
    },
  };
}

/** Runs, and resolves at the first joining; rejects when the consumer crashes before that. */
async function joined(consumer: KafkaConsumer, run: () => Promise<void>): Promise<void> {
  const first = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  await Promise.all([run(), first]);
}

function readBatches(consumer: KafkaConsumer, options: SessionOptions, current: () => Generation): Promise<void> {
  return consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: CONCURRENCY,
    eachBatch: async (payload) => {
      const generation = current();
      if (generation.rebalance) throw generation.rebalance;
      const stopBeating = keepAlive(payload, generation);
      try {
        await readBatch(payload, options, generation.stop.signal);
      } finally {
        stopBeating();
      }
      if (generation.rebalance) throw generation.rebalance;
    },
  });
}

async function readBatch(payload: EachBatchPayload, options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { batch, isRunning, isStale, resolveOffset, commitOffsetsIfNecessary } = payload;
  let uncommitted: string | null = null;
  let committedAt = Date.now();
  const commit = async () => {
    if (uncommitted === null || !options.commits) return;
    const partitions = [{ partition: batch.partition, offset: uncommitted }];
    await commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions }] });
    uncommitted = null;
    committedAt = Date.now();
  };
  for (const message of batch.messages) {
    if (signal.aborted || !isRunning() || isStale()) break;
    if (!(await options.take(toBusRecord(batch.topic, batch.partition, message), signal))) break;
    resolveOffset(message.offset);
    uncommitted = String(Number(message.offset) + 1);
    if (Date.now() - committedAt > COMMIT_EVERY_MS) await commit();
  }
  await commit();
}

/** Kafka's ways to say that this member must join the group anew. */
const REJOIN = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** Beats the heart of the member on a timer; a beat that tells of a rebalance ends the generation. Others are tried again. */
function keepAlive({ heartbeat }: EachBatchPayload, generation: Generation): () => void {
  const beat = () =>
    void heartbeat().catch((error: Error & { type?: string }) => {
      if (!REJOIN.has(error.type ?? '')) return;
      generation.rebalance = error;
      generation.stop.abort();
    });
  const timer = setInterval(beat, HEARTBEAT_MS / 2);
  return () => clearInterval(timer);
}

function toBusRecord(
  topic: string,
  partition: number,
  { key, value, headers, offset, timestamp }: KafkaMessage,
): BusRecord {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text ?? '')]);
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key?.toString() ?? '',
    value: value ?? Buffer.alloc(0),
    headers: Object.fromEntries(texts),
  };
}
