import type { Admin, Kafka } from 'kafkajs';
import type { ClientTls } from '../lib/client-tls.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import type {
  Bus,
  ConsumeOptions,
  Consumer,
  Lag,
  OutgoingRecord,
  Position,
  Tail,
  TailOptions,
  TopicSpec,
} from './bus.ts';
import { createDelivery } from './delivery.ts';
import { toBusError } from './kafka/bus-error.ts';
import { createKafkaClient, type KafkaSasl, REQUEST_RETRY } from './kafka/client.ts';
import { moveGroup } from './kafka/move-group.ts';
import { KafkaProducer } from './kafka/producer.ts';
import { startReader } from './kafka/reader.ts';
import { requireKept, startKafkaTail } from './kafka/tail.ts';
import { KafkaTopics } from './kafka/topics.ts';
import { requireGroupName, requireRecordSizes } from './record-limits.ts';
import { RunningSet } from './running-set.ts';

/** How to open the bus on Kafka. */
export interface KafkaBusOptions {
  /** `host:port` of some of the cluster's brokers. */
  readonly brokers: readonly string[];
  /** The name under which the brokers know this process. @default 'tributary' */
  readonly clientId?: string;
  /** Absent: plain text. */
  readonly tls?: ClientTls;
  /** Absent: nobody signs in. */
  readonly sasl?: KafkaSasl;
  readonly logger?: Logger;
}

/**
 * The bus on Apache Kafka, by kafkajs (2.2.4 works with Kafka 4.1). Publishing is idempotent and acknowledged by all
 * in-sync replicas; offsets are committed after the handler. AppError BUS_UNAVAILABLE when no broker answers, BUS_UNAUTHORIZED
 * when one refuses us, BUS_UNTRUSTED when its certificate does not hold: here and in every call.
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const logger = (options.logger ?? silentLogger).child({ part: 'kafka-bus' });
  const { brokers, clientId = 'tributary', tls, sasl } = options;
  const kafka = createKafkaClient({ brokers, clientId, tls, sasl, logger });
  const admin = kafka.admin({ retry: REQUEST_RETRY });
  const producer = new KafkaProducer(kafka);
  try {
    await admin.connect();
    await producer.connect();
  } catch (error) {
    await Promise.allSettled([admin.disconnect(), producer.close()]);
    throw toBusError(error);
  }
  return new KafkaBus({ kafka, admin, producer, logger });
}

class KafkaBus implements Bus {
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #producer: KafkaProducer;
  readonly #topics: KafkaTopics;
  readonly #logger: Logger;
  readonly #running = new RunningSet();

  constructor(parts: { kafka: Kafka; admin: Admin; producer: KafkaProducer; logger: Logger }) {
    this.#kafka = parts.kafka;
    this.#admin = parts.admin;
    this.#producer = parts.producer;
    this.#topics = new KafkaTopics(parts.admin);
    this.#logger = parts.logger;
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#call(() => this.#topics.ensure(topics));
  }

  publish(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    return this.#call(async () => {
      requireRecordSizes(topic, records);
      return this.#send(topic, records);
    });
  }

  async #send(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    try {
      return await this.#producer.publish(topic, await this.#topics.partitions(topic), records);
    } catch (error) {
      // It may be gone, or be made anew with other partitions: asked for again the next time.
      this.#topics.forget(topic);
      throw error;
    }
  }

  consume(options: ConsumeOptions): Promise<Consumer> {
    return this.#call(async () => {
      requireGroupName(options.group);
      await Promise.all(options.topics.map((topic) => this.#topics.partitions(topic)));
      if (options.from === 'latest') await this.#pinToLatest(options);
      const logger = this.#logger;
      const append = (topic: string, record: OutgoingRecord) => this.#send(topic, [record]);
      const take = createDelivery({ ...options, append, logger });
      const { topics } = options;
      const group = () => options.group;
      return this.#running.add(await startReader({ kafka: this.#kafka, group, topics, commits: true, take, logger }));
    });
  }

  /** Writes the beginning down where the group has none: else what arrives before its first commit is lost to a restart. */
  async #pinToLatest({ group, topics }: ConsumeOptions): Promise<void> {
    const committed = await this.#topics.committed(group, topics);
    const ends = await this.#topics.positions(topics, 'latest');
    const fresh = ends.filter((end) => !committed.some((place) => isSame(place, end) && place.offset >= 0));
    if (await this.#topics.isIdle(group)) await this.#moveGroup(group, fresh);
  }

  #moveGroup(group: string, positions: readonly Position[]): Promise<void> {
    return moveGroup({ kafka: this.#kafka, topics: this.#topics, group, positions });
  }

  tail(options: TailOptions): Promise<Tail> {
    return this.#call(async () => {
      const parts = { kafka: this.#kafka, kafkaTopics: this.#topics, logger: this.#logger };
      const tail = await startKafkaTail({ ...options, ...parts });
      return { ...tail, ...this.#running.add(tail) };
    });
  }

  positions(topics: readonly string[], at: Parameters<Bus['positions']>[1]): Promise<Position[]> {
    return this.#call(() => this.#topics.positions(topics, at));
  }

  reset(group: string, positions: readonly Position[]): Promise<void> {
    return this.#call(async () => {
      requireGroupName(group);
      const extents = await this.#topics.extents([...new Set(positions.map(({ topic }) => topic))]);
      for (const position of positions) requireKept(extents, position);
      await this.#moveGroup(group, positions);
    });
  }

  lag(group: string, topics: readonly string[]): Promise<Lag[]> {
    return this.#call(async () => {
      requireGroupName(group);
      const extents = await this.#topics.extents(topics);
      const committed = await this.#topics.committed(group, topics);
      return extents.map(({ topic, partition, low, high }) => {
        const place = committed.find((candidate) => isSame(candidate, { topic, partition }));
        const offset = Math.max(place?.offset ?? -1, low);
        return { group, topic, partition, offset, behind: Math.max(0, high - offset) };
      });
    });
  }

  close(): Promise<void> {
    return this.#running.close(async () => {
      await this.#producer.close();
      await this.#admin.disconnect();
    });
  }

  /** Every call: not after closing, and its failures as AppErrors. */
  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#running.requireOpen();
    try {
      return await run();
    } catch (error) {
      throw toBusError(error);
    }
  }
}

function isSame(one: Pick<Position, 'topic' | 'partition'>, other: Pick<Position, 'topic' | 'partition'>): boolean {
  return one.topic === other.topic && one.partition === other.partition;
}
