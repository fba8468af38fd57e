import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../lib/errors.ts';
import type { Position } from '../bus.ts';
import type { ConfirmedChannel } from './confirmed-channel.ts';
import { isMissing } from './failure.ts';
import { closeQuietly, type Link } from './link.ts';
import type { Lock } from './lock.ts';
import { PLACE_ARGUMENTS, type Place, placeName, SETTLE_MS, TURN_ARGUMENTS, turnName } from './names.ts';
import { lastMessage } from './probe.ts';

/** How long a member that has just gone may still be counted by the broker. */
const LINGER_MS = 1_500;

/**
 * What the broker keeps of groups. For each partition: a quorum queue with one message, the turn, that a single member
 * holds, and a stream whose last record is where the group stands. All can read the place; only who has the turn writes it.
 */
export class GroupPlaces {
  readonly #link: Link;
  readonly #lock: Lock;
  readonly #put: (stream: string, content: Buffer) => Promise<void>;

  constructor(parts: { link: Link; lock: Lock; put: (stream: string, content: Buffer) => Promise<void> }) {
    this.#link = parts.link;
    this.#lock = parts.lock;
    this.#put = parts.put;
  }

  /** Makes what is missing; what is new begins where `start` says. A new group takes a second. */
  async ensure(group: string, places: readonly Place[], start: () => Promise<readonly Position[]>): Promise<void> {
    await this.#lock.hold(group, async (channel) => {
      const members = await Promise.all(places.map((place) => this.#members(group, place)));
      const fresh = places.filter((_, index) => members[index] === null);
      if (fresh.length === 0) return;
      const starts = await start();
      await Promise.all(fresh.map((place) => this.#begin(channel, group, place, find(starts, place)?.offset ?? null)));
      await wait(SETTLE_MS);
    });
  }

  /** The place is written before the queue of turns is there: who finds the queue finds the place. */
  async #begin(channel: ConfirmedChannel, group: string, place: Place, offset: number | null): Promise<void> {
    const [stream, turns] = [placeName(group, place), turnName(group, place)];
    const isNew = (await countConsumers(this.#link, stream)) === null;
    await channel.channel.assertQueue(stream, { durable: true, arguments: PLACE_ARGUMENTS });
    // A place without a queue: somebody removed that, or a process ended between the two.
    const isKnown = !isNew && (await this.#place(group, place).then(Boolean, () => false));
    if (!isKnown) await channel.put(stream, toContent(offset));
    await channel.channel.assertQueue(turns, { durable: true, arguments: TURN_ARGUMENTS });
    await channel.put(turns, Buffer.alloc(0));
  }

  /** Where the group stands; null: nowhere yet, so at the first record kept. */
  async read(group: string, place: Place): Promise<number | null> {
    if ((await this.#members(group, place)) === null) return null;
    return (await this.#place(group, place)).offset;
  }

  async #place(group: string, place: Place): Promise<{ offset: number | null }> {
    const message = await lastMessage(this.#link, placeName(group, place));
    return JSON.parse(message.content.toString()) as { offset: number | null };
  }

  /** Resolves once the place is durable. */
  write(group: string, { offset, ...place }: Position): Promise<void> {
    return this.#put(placeName(group, place), toContent(offset));
  }

  /** Puts a new turn behind the one that a member holds, or in place of one that was lost. One too many does no harm. */
  renew(group: string, place: Place): Promise<void> {
    return this.#put(turnName(group, place), Buffer.alloc(0));
  }

  /** Moves the group. AppError CONFLICT while a member is in line for any of these topics' partitions. */
  async move(group: string, places: readonly Place[], positions: readonly Position[]): Promise<void> {
    await this.ensure(group, places, async () => []);
    await this.#lock.hold(group, async (channel) => {
      await this.#requireIdle(group, places);
      const moves = positions.map(({ offset, ...place }) => channel.put(placeName(group, place), toContent(offset)));
      await Promise.all(moves);
    });
  }

  async #requireIdle(group: string, places: readonly Place[]): Promise<void> {
    const end = performance.now() + LINGER_MS;
    for (;;) {
      const members = await Promise.all(places.map((place) => this.#members(group, place)));
      if (members.every((count) => (count ?? 0) === 0)) return;
      if (performance.now() > end)
        throw new AppError('CONFLICT', `Group ${group} has running members; stop them before moving it.`);
      await wait(100);
    }
  }

  /** How many stand in line; null: nobody ever did. */
  #members(group: string, place: Place): Promise<number | null> {
    return countConsumers(this.#link, turnName(group, place));
  }
}

/** Consumers of a queue, or null where there is no such queue. */
async function countConsumers(link: Link, queue: string): Promise<number | null> {
  const channel = await link.channel();
  try {
    const { consumerCount } = await channel.checkQueue(queue);
    void closeQuietly(channel);
    return consumerCount;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function toContent(offset: number | null): Buffer {
  return Buffer.from(JSON.stringify({ offset }));
}

function find(positions: readonly Position[], { topic, partition }: Place): Position | undefined {
  return positions.find((position) => position.topic === topic && position.partition === partition);
}
