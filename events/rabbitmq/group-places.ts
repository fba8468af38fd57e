import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../lib/errors.ts';
import type { Position } from '../bus.ts';
import type { ConfirmedChannel } from './confirmed-channel.ts';
import { isMissing } from './failure.ts';
import { closeQuietly, type Link } from './link.ts';
import type { Lock } from './lock.ts';
import { PLACE_ARGUMENTS, type Place, placeName, TURN_ARGUMENTS, turnName } from './names.ts';
import { lastMessage } from './probe.ts';

/** How long a member that has just gone may still be counted by the broker. */
const LINGER_MS = 1_500;

/** What is on the broker of one partition of a group. */
interface Turns {
  readonly waiting: number;
  readonly members: number;
}

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

  /** Makes what is missing; what is new begins where `start` says. */
  async ensure(group: string, places: readonly Place[], start: () => Promise<readonly Position[]>): Promise<void> {
    await this.#lock.hold(group, async (channel) => {
      const turns = await Promise.all(places.map((place) => this.#turns(group, place)));
      const fresh = places.filter((_, index) => turns[index] === null);
      const starts = fresh.length > 0 ? await start() : [];
      await Promise.all(fresh.map((place) => begin(channel, group, place, find(starts, place)?.offset ?? null)));
      // The turn is lost when a process ends between the two steps of making it; one too many does no harm.
      const lost = places.filter((_, index) => turns[index]?.waiting === 0 && turns[index]?.members === 0);
      await Promise.all(lost.map((place) => channel.put(turnName(group, place), Buffer.alloc(0))));
    });
  }

  /** Where the group stands; null: nowhere yet, so at the first record kept. */
  async read(group: string, place: Place): Promise<number | null> {
    if ((await this.#turns(group, place)) === null) return null;
    const message = await lastMessage(this.#link, placeName(group, place));
    return (JSON.parse(message.content.toString()) as { offset: number | null }).offset;
  }

  /** Resolves once the place is durable. */
  write(group: string, { offset, ...place }: Position): Promise<void> {
    return this.#put(placeName(group, place), toContent(offset));
  }

  /** Puts a new turn behind the one that a member holds. */
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
      const turns = await Promise.all(places.map((place) => this.#turns(group, place)));
      if (turns.every((some) => (some?.members ?? 0) === 0)) return;
      if (performance.now() > end)
        throw new AppError('CONFLICT', `Group ${group} has running members; stop them before moving it.`);
      await wait(100);
    }
  }

  async #turns(group: string, place: Place): Promise<Turns | null> {
    const channel = await this.#link.channel();
    try {
      const { messageCount, consumerCount } = await channel.checkQueue(turnName(group, place));
      void closeQuietly(channel);
      return { waiting: messageCount, members: consumerCount };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}

/** The place is written before the queue of turns is there: who finds the queue finds the place. */
async function begin(channel: ConfirmedChannel, group: string, place: Place, offset: number | null): Promise<void> {
  await channel.channel.assertQueue(placeName(group, place), { durable: true, arguments: PLACE_ARGUMENTS });
  await channel.put(placeName(group, place), toContent(offset));
  await channel.channel.assertQueue(turnName(group, place), { durable: true, arguments: TURN_ARGUMENTS });
  await channel.put(turnName(group, place), Buffer.alloc(0));
}

function toContent(offset: number | null): Buffer {
  return Buffer.from(JSON.stringify({ offset }));
}

function find(positions: readonly Position[], { topic, partition }: Place): Position | undefined {
  return positions.find((position) => position.topic === topic && position.partition === partition);
}
