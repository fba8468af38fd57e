import { type Kafka, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import type { OutgoingRecord, Position } from '../bus.ts';
import { recordBytes } from '../record-limits.ts';
import { toBusError } from './bus-error.ts';
import { REQUEST_RETRY } from './client.ts';

/** Most bytes of one request: below what a broker takes by default (1 MiB a batch), as a partition's records travel as one. */
const REQUEST_BYTES = 900_000;
/** What the wire format adds to a record, at most and roughly. */
const RECORD_OVERHEAD = 128;
const REQUEST_RECORDS = 5_000;

interface Waiting {
  readonly topic: string;
  readonly record: OutgoingRecord;
  readonly partition: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An idempotent producer, acknowledged by all replicas. One request is under way at a time and what comes meanwhile
 * goes with the next, so that single sends share round trips and the order is that of the calls. A request that fails for good fails
 * all that wait behind it, else a caller's retry would put older records behind newer ones.
 */
export class KafkaProducer {
  readonly #kafka: Kafka;
  readonly #partitioner = Partitioners.DefaultPartitioner();
  readonly #queue: Waiting[] = [];
  #producer: Promise<Producer> | null = null;
  #pumping: Promise<void> | null = null;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  async connect(): Promise<void> {
    await this.#connected();
  }

  /** Resolves with the place of each record, in order. AppError BUS_UNAVAILABLE. */
  publish(topic: string, partitions: number, records: readonly OutgoingRecord[]): Promise<Position[]> {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => toMetadata(partitionId));
    const sent = records.map((record) => {
      const message = { key: record.key, value: Buffer.from(record.value) };
      const partition = this.#partitioner({ topic, partitionMetadata, message });
      return new Promise<Position>((resolve, reject) =>
        this.#queue.push({ topic, record, partition, resolve, reject }),
      );
    });
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
    });
    return Promise.all(sent);
  }

  async close(): Promise<void> {
    await this.#pumping;
    await this.#producer?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  async #pump(): Promise<void> {
    // One turn's wait, so that all sends of this turn go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const request = this.#next();
      try {
        const producer = await this.#connected();
        const answers = await producer.sendBatch({ acks: -1, topicMessages: toTopicMessages(request) });
        settle(request, answers);
      } catch (error) {
        const failed = toBusError(error);
        for (const { reject } of [...request, ...this.#queue.splice(0)]) reject(failed);
        await this.#discard();
      }
    }
  }

  #next(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.#queue) {
      bytes += recordBytes(record) + RECORD_OVERHEAD;
      if (count > 0 && (bytes > REQUEST_BYTES || count >= REQUEST_RECORDS)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#open().catch((error: unknown) => {
      this.#producer = null;
      throw error;
    });
    return this.#producer;
  }

  async #open(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: REQUEST_RETRY,
    });
    await producer.connect();
    return producer;
  }

  /** After a failed request nobody knows which sequence numbers the broker has: a new producer begins anew. */
  async #discard(): Promise<void> {
    const broken = this.#producer;
    this.#producer = null;
    await broken?.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}

function toMetadata(partitionId: number) {
  return { partitionId, leader: 0, replicas: [], isr: [], partitionErrorCode: 0 };
}

function toTopicMessages(request: readonly Waiting[]) {
  const byTopic = new Map<string, Waiting[]>();
  for (const waiting of request) {
    const some = byTopic.get(waiting.topic);
    if (some) some.push(waiting);
    else byTopic.set(waiting.topic, [waiting]);
  }
  return [...byTopic].map(([topic, some]) => ({
    topic,
    messages: some.map(({ record: { key, value, headers }, partition }) => ({
      key,
      value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      headers,
      partition,
    })),
  }));
}

/** The answer has the offset of each partition's first record; the others follow it. */
function settle(request: readonly Waiting[], answers: readonly RecordMetadata[]): void {
  const next = new Map(
    answers.map((answer) => [placeOf(answer.topicName, answer.partition), Number(answer.baseOffset)]),
  );
  for (const { topic, partition, resolve } of request) {
    const place = placeOf(topic, partition);
    const offset = next.get(place) ?? -1;
    next.set(place, offset + 1);
    resolve({ topic, partition, offset });
  }
}

function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
