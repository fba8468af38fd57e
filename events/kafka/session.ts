import type { Kafka, Consumer as KafkaConsumer } from 'kafkajs';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord } from '../bus.ts';
import { REQUEST_RETRY } from './client.ts';
import { Generation } from './generation.ts';

/**
 * How often a member tells the group that it lives, and how long the group waits for that, in milliseconds. After a
 * crash of ours its partitions rest for that long, as the group first counts on the old member to come back.
 */
const HEARTBEAT_MS = 1_000;
const SESSION_MS = 10_000;
/** How long a rebalance waits for members to finish the records at hand, in milliseconds. */
const REBALANCE_MS = 60_000;
/** How long a broker holds a request without records: a partition that was paused waits that long at most to be read again. */
const LONG_POLL_MS = 250;
/** How a member retries, so that it waits out `REBALANCE_MS` (see `holdRebalance`) and a broker's restart. */
const MEMBER_RETRY = {
  ...REQUEST_RETRY,
  maxRetryTime: 1_000,
  retries: 60,
  restartOnFailure: () => Promise.resolve(false),
};

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

type TopicPartitions = { topic: string; partitions?: number[] };

/** A member at work. */
export interface Session {
  /** Waits for the records at hand, commits, leaves the group. */
  close(): Promise<void>;
}

/**
 * Joins a group and reads; resolves once joined. kafkajs only fetches and beats the heart: each fetch is handed over to
 * the lanes of its partitions at once, so that heartbeats go on however long a handler takes, and no partition waits for another.
 */
export async function startSession(options: SessionOptions): Promise<Session> {
  const { kafka, group, onDeath, logger } = options;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: LONG_POLL_MS,
    allowAutoTopicCreation: false,
    // Kept from restarting by itself: `startReader` does, and a tail then takes a fresh group.
    retry: MEMBER_RETRY,
  });
  const member = new Member(consumer, options);
  let isReading = false;
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
    logger.warn({ group, err: error }, 'the Kafka consumer broke');
    if (isReading) onDeath();
    isReading = false;
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await joined(consumer, () => member.run());
    isReading = true;
  } catch (error) {
    await consumer.disconnect().catch(() => undefined);
    throw error;
  }
  return {
    close: async () => {
      isReading = false;
      await member.end();
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

/** What a consumer does from generation to generation of its group. */
class Member {
  readonly #consumer: KafkaConsumer;
  readonly #options: SessionOptions;
  readonly #topics: { topic: string }[];
  #generation: Generation;
  #ended: Promise<unknown> = Promise.resolve();
  /** Whether kafkajs has the group: it forgets it when it breaks or stops, and then cannot pause, nor commit. */
  #isMember = false;
  #isEnding = false;

  constructor(consumer: KafkaConsumer, options: SessionOptions) {
    this.#consumer = consumer;
    this.#options = options;
    this.#topics = options.topics.map((topic) => ({ topic }));
    this.#generation = this.#begin();
    consumer.on(consumer.events.REBALANCING, () => this.#holdRebalance());
    consumer.on(consumer.events.GROUP_JOIN, () => this.#join());
    consumer.on(consumer.events.STOP, () => {
      this.#isMember = false;
    });
  }

  run(): Promise<void> {
    return this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.#generation.take(payload),
    });
  }

  /** Finishes the records at hand, and commits them while the membership lasts. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#pause(this.#topics);
    await (this.#isMember ? this.#generation.end() : this.#generation.abandon());
    await this.#ended;
  }

  #begin(): Generation {
    const { take, commits, logger } = this.#options;
    return new Generation({
      take,
      commits,
      after: this.#ended,
      pause: (topic, partition) => this.#pause([{ topic, partitions: [partition] }]),
      resume: (topic, partition) => this.#resume([{ topic, partitions: [partition] }]),
      logger,
    });
  }

  #pause(partitions: TopicPartitions[]): void {
    if (this.#isMember) this.#consumer.pause(partitions);
  }

  #resume(partitions: TopicPartitions[]): void {
    if (this.#isMember && !this.#isEnding) this.#consumer.resume(partitions);
  }

  #join(): void {
    this.#isMember = true;
    this.#ended = Promise.all([this.#ended, this.#generation.abandon()]);
    this.#generation = this.#begin();
    this.#resume(this.#topics);
    this.#options.onJoin?.(this.#consumer);
  }

  /**
   * Called by kafkajs right before it joins anew. The group waits for that joining, and nobody else gets our partitions
   * before; so while a record is at hand this throws, upon which kafkajs beats the heart and comes again a moment later
   * (`MEMBER_RETRY`). kafkajs has no other place to wait at.
   */
  #holdRebalance(): void {
    if (!this.#generation.isBusy) return;
    this.#pause(this.#topics);
    void this.#generation.end();
    if (this.#generation.isBusy) throw new Error('records are at hand; the rebalance waits for them');
  }
}
