import type { OutgoingRecord, Position } from '../bus.ts';
import { ConfirmedChannel } from './confirmed-channel.ts';
import { Lane } from './lane.ts';
import type { Link } from './link.ts';
import { logName } from './names.ts';
import { partitionOf } from './record-codec.ts';

const LOOK_EVERY_MS = 1_000;

/** Writes records into logs: a lane for each partition, one channel for all of them. */
export class Publisher {
  readonly #link: Link;
  readonly #isGone: (topic: string) => Promise<boolean>;
  readonly #lanes = new Map<string, Lane>();
  readonly #timer: NodeJS.Timeout;
  #channel: Promise<ConfirmedChannel> | null = null;

  constructor({ link, isGone }: { link: Link; isGone: (topic: string) => Promise<boolean> }) {
    this.#link = link;
    this.#isGone = isGone;
    this.#timer = setInterval(() => {
      for (const lane of this.#lanes.values()) lane.look();
    }, LOOK_EVERY_MS).unref();
  }

  /** Resolves with the place of each record, in order. AppError BUS_UNAVAILABLE, BUS_UNAUTHORIZED, EVENT_INVALID. */
  publish(topic: string, partitions: number, records: readonly OutgoingRecord[]): Promise<Position[]> {
    return Promise.all(records.map((record) => this.#lane(topic, partitionOf(record.key, partitions)).add(record)));
  }

  /** Writes one message of the adapter's own; resolves once it is durable. */
  async put(stream: string, content: Buffer): Promise<void> {
    await (await this.#publishing()).put(stream, content);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drained()));
    clearInterval(this.#timer);
  }

  #lane(topic: string, partition: number): Lane {
    const place = { topic, partition };
    const name = logName(place);
    const known = this.#lanes.get(name);
    if (known) return known;
    const isGone = () => this.#isGone(topic);
    const lane = new Lane({ place, link: this.#link, publishing: () => this.#publishing(), isGone });
    this.#lanes.set(name, lane);
    return lane;
  }

  #publishing(): Promise<ConfirmedChannel> {
    this.#channel ??= this.#open();
    return this.#channel;
  }

  async #open(): Promise<ConfirmedChannel> {
    try {
      const channel = await ConfirmedChannel.open(this.#link);
      channel.channel.once('close', () => {
        this.#channel = null;
      });
      return channel;
    } catch (error) {
      this.#channel = null;
      throw error;
    }
  }
}
