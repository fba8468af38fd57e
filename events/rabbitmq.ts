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
import { positionIn, readExtents, readLow, requireKept } from './rabbitmq/extents.ts';
import { patiently, toBusError } from './rabbitmq/failure.ts';
import { GroupPlaces } from './rabbitmq/group-places.ts';
import { closeQuietly, Link } from './rabbitmq/link.ts';
import { Lock } from './rabbitmq/lock.ts';
import { startMember } from './rabbitmq/member.ts';
import type { Place } from './rabbitmq/names.ts';
import { Publisher } from './rabbitmq/publisher.ts';
import { startRabbitmqTail } from './rabbitmq/tail.ts';
import { RabbitmqTopics } from './rabbitmq/topics.ts';
import { requireGroupName, requireRecordSizes } from './record-limits.ts';
import { RunningSet } from './running-set.ts';

/** How to open the bus on RabbitMQ. */
export interface RabbitmqBusOptions {
  /** `amqp://` or `amqps://` with user, password and virtual host. */
  readonly url: string;
  /** Authorities, and our own certificate; for `amqps://`. */
  readonly tls?: ClientTls;
  /** The name under which the broker lists our connections. @default 'tributary' */
  readonly clientId?: string;
  readonly logger?: Logger;
}

/** The bus on RabbitMQ. */
export interface RabbitmqBus extends Bus {
  /**
   * Lets go of what is before these positions: no reader that begins from now on is given it. The broker itself only ever
   * removes whole files, by age and size.
   */
  trim(positions: readonly Position[]): Promise<void>;
}

/**
 * The bus on RabbitMQ (3.10 or later), by amqplib: a stream for each partition is the log, a quorum queue with a single
 * active consumer for each partition and group decides who reads. Publishing is confirmed and, over reconnects, neither
 * doubled nor reordered; places are written after the handler. AppError BUS_UNAVAILABLE when no broker answers, here and
 * in every call, within seconds; BUS_UNAUTHORIZED and BUS_UNTRUSTED at once.
 */
export async function openRabbitmqBus(options: RabbitmqBusOptions): Promise<RabbitmqBus> {
  const { url, tls, clientId = 'tributary' } = options;
  const logger = (options.logger ?? silentLogger).child({ part: 'rabbitmq-bus' });
  // Apart, as the broker stops a whole connection that publishes while it is short of memory or disk.
  const writing = new Link({ url, tls, name: `${clientId} writes`, logger });
  const reading = new Link({ url, tls, name: `${clientId} reads`, logger });
  try {
    for (const link of [writing, reading]) await patiently(async () => closeQuietly(await link.channel()));
  } catch (error) {
    await Promise.all([writing.close(), reading.close()]);
    throw error;
  }
  return new StreamBus({ writing, reading, logger });
}

class StreamBus implements RabbitmqBus {
  readonly #writing: Link;
  readonly #reading: Link;
  readonly #topics: RabbitmqTopics;
  readonly #publisher: Publisher;
  readonly #groups: GroupPlaces;
  readonly #logger: Logger;
  readonly #running = new RunningSet();

  constructor({ writing, reading, logger }: { writing: Link; reading: Link; logger: Logger }) {
    const lock = new Lock(writing);
    this.#writing = writing;
    this.#reading = reading;
    this.#logger = logger;
    this.#topics = new RabbitmqTopics({ link: reading, lock });
    this.#publisher = new Publisher({ link: writing, isGone: (topic) => this.#topics.isGone(topic) });
    const put = (stream: string, content: Buffer) => this.#publisher.put(stream, content);
    this.#groups = new GroupPlaces({ link: reading, lock, put });
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#call(() => this.#topics.ensure(topics));
  }

  async publish(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    this.#running.requireOpen();
    requireRecordSizes(topic, records);
    return this.#publish(topic, records);
  }

  async #publish(topic: string, records: readonly OutgoingRecord[]): Promise<Position[]> {
    // The lanes have patience of their own.
    const partitions = await patiently(() => this.#topics.partitions(topic));
    return this.#publisher.publish(topic, partitions, records);
  }

  consume(options: ConsumeOptions): Promise<Consumer> {
    return this.#call(async () => {
      requireGroupName(options.group);
      const { group, topics, from = 'earliest' } = options;
      const places = await this.#topics.places(topics);
      const logger = this.#logger;
      const append = (topic: string, record: OutgoingRecord) => this.#publish(topic, [record]);
      const member = await startMember({
        group,
        topics,
        places,
        logger,
        link: this.#reading,
        groups: this.#groups,
        prepare: () => this.#groups.ensure(group, places, () => this.#starts(topics, from)),
        low: (place) => readLow(this.#reading, this.#topics, place),
        take: createDelivery({ ...options, append, logger }),
      });
      return this.#running.add(member);
    });
  }

  /** Written down at once where a group begins at the end: else what arrives before its first commit is lost to a restart. */
  async #starts(topics: readonly string[], from: 'earliest' | 'latest'): Promise<Position[]> {
    return from === 'earliest' ? [] : this.#positions(topics, 'latest');
  }

  tail(options: TailOptions): Promise<Tail> {
    return this.#call(async () => {
      const extents = await readExtents(this.#reading, this.#topics, options.topics);
      const low = (place: Place) => readLow(this.#reading, this.#topics, place);
      const tail = await startRabbitmqTail({ ...options, extents, low, link: this.#reading, logger: this.#logger });
      return { ...tail, ...this.#running.add(tail) };
    });
  }

  positions(topics: readonly string[], at: Parameters<Bus['positions']>[1]): Promise<Position[]> {
    return this.#call(() => this.#positions(topics, at));
  }

  async #positions(topics: readonly string[], at: Parameters<Bus['positions']>[1]): Promise<Position[]> {
    const extents = await readExtents(this.#reading, this.#topics, topics);
    return Promise.all(extents.map((extent) => positionIn(this.#reading, extent, at)));
  }

  reset(group: string, positions: readonly Position[]): Promise<void> {
    return this.#call(async () => {
      requireGroupName(group);
      const topics = [...new Set(positions.map(({ topic }) => topic))];
      const extents = await readExtents(this.#reading, this.#topics, topics);
      for (const position of positions) requireKept(extents, position);
      const places = extents.map(({ topic, partition }) => ({ topic, partition }));
      await this.#groups.move(group, places, positions);
    });
  }

  lag(group: string, topics: readonly string[]): Promise<Lag[]> {
    return this.#call(async () => {
      requireGroupName(group);
      const extents = await readExtents(this.#reading, this.#topics, topics);
      const lags = extents.map(async ({ topic, partition, low, high }) => {
        const committed = await this.#groups.read(group, { topic, partition });
        const offset = Math.max(committed ?? low, low);
        return { group, topic, partition, offset, behind: Math.max(0, high - offset) };
      });
      return Promise.all(lags);
    });
  }

  trim(positions: readonly Position[]): Promise<void> {
    return this.#call(async () => {
      const topics = [...new Set(positions.map(({ topic }) => topic))];
      const extents = await readExtents(this.#reading, this.#topics, topics);
      for (const position of positions) requireKept(extents, position);
      for (const name of topics) {
        const heads = positions.filter(({ topic }) => topic === name);
        await this.#topics.raiseHeads(name, new Map(heads.map(({ partition, offset }) => [partition, offset])));
      }
    });
  }

  close(): Promise<void> {
    return this.#running.close(async () => {
      await this.#publisher.close();
      await Promise.all([this.#writing.close(), this.#reading.close()]);
    });
  }

  /** Every call: not after closing, tried again while the broker is away for a moment, its failures as AppErrors. */
  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#running.requireOpen();
    try {
      return await patiently(run);
    } catch (error) {
      throw toBusError(error);
    }
  }
}
