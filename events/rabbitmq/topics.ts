import { setTimeout as wait } from 'node:timers/promises';
import type { TopicSpec } from '../bus.ts';
import { withDeadLetters } from '../dead-letter-topics.ts';
import { requireTopicName, unknownTopic } from '../record-limits.ts';
import type { ConfirmedChannel } from './confirmed-channel.ts';
import { isMissing } from './failure.ts';
import { closeQuietly, type Link } from './link.ts';
import type { Lock } from './lock.ts';
import {
  logArguments,
  logName,
  markName,
  metaName,
  PLACE_ARGUMENTS,
  type Place,
  ROOT_NAME,
  SETTLE_MS,
} from './names.ts';
import { lastMessage } from './probe.ts';
import { FIRST_RECORD } from './record-codec.ts';

/** What the broker's record of a topic says. */
interface TopicMeta {
  readonly partitions: number;
  /** By partition: the offset before which readers are given nothing, however long the broker keeps the file. */
  readonly heads: readonly number[];
}

const LOCK = 'topics';

/** The topics on the broker: making them, and what is known of them. */
export class RabbitmqTopics {
  readonly #link: Link;
  readonly #lock: Lock;
  /** Partition counts: they never change. */
  readonly #partitions = new Map<string, Promise<number>>();

  constructor({ link, lock }: { link: Link; lock: Lock }) {
    this.#link = link;
    this.#lock = lock;
  }

  /** Makes what is missing, one process at a time. */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    for (const { name } of specs) requireTopicName(name);
    const wanted = specs.flatMap(withDeadLetters);
    if ((await this.#missing(wanted)).length === 0) return;
    await this.#lock.hold(LOCK, async (channel) => {
      if (!(await this.#exists(ROOT_NAME))) await settle(channel);
      for (const spec of await this.#missing(wanted)) await make(channel, spec);
    });
  }

  async #missing(specs: readonly TopicSpec[]): Promise<TopicSpec[]> {
    const found = await Promise.all(specs.map(({ name }) => this.#exists(markName(name))));
    return specs.filter((_, index) => !found[index]);
  }

  async #exists(exchange: string): Promise<boolean> {
    const channel = await this.#link.channel();
    try {
      await channel.checkExchange(exchange);
      void closeQuietly(channel);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Number of partitions. AppError EVENT_INVALID when nobody made the topic; never makes one by asking. */
  partitions(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known) return known;
    // One lookup for all who ask meanwhile, else the quicker of two answers would let its caller overtake the other.
    const found = this.#meta(topic).then(({ partitions }) => partitions);
    this.#partitions.set(topic, found);
    found.catch(() => this.#partitions.delete(topic));
    return found;
  }

  /** Looks again: something of the topic is not there. False: it will come back, the broker is only just starting. */
  async isGone(topic: string): Promise<boolean> {
    const isGone = !(await this.#exists(markName(topic)));
    if (isGone) this.#partitions.delete(topic);
    return isGone;
  }

  /** All partitions of these topics. AppError EVENT_INVALID. */
  async places(topics: readonly string[]): Promise<Place[]> {
    const counts = await Promise.all(topics.map((topic) => this.partitions(topic)));
    return topics.flatMap((topic, index) =>
      Array.from({ length: counts[index] ?? 0 }, (_, partition) => ({ topic, partition })),
    );
  }

  /** By partition: the offset before which nothing is shown. */
  async heads(topic: string): Promise<readonly number[]> {
    return (await this.#meta(topic)).heads;
  }

  /** Moves the heads of a topic up, for all readers that begin from now on. */
  async raiseHeads(topic: string, heads: ReadonlyMap<number, number>): Promise<void> {
    await this.#lock.hold(LOCK, async (channel) => {
      const meta = await this.#meta(topic);
      const raised = meta.heads.map((head, partition) => Math.max(head, heads.get(partition) ?? 0));
      await write(channel, topic, { ...meta, heads: raised });
    });
  }

  async #meta(topic: string): Promise<TopicMeta> {
    if (!(await this.#exists(markName(topic)))) throw unknownTopic(topic);
    return JSON.parse((await lastMessage(this.#link, metaName(topic))).content.toString()) as TopicMeta;
  }
}

async function settle({ channel }: ConfirmedChannel): Promise<void> {
  await channel.assertQueue(ROOT_NAME, { durable: true, arguments: PLACE_ARGUMENTS });
  await wait(SETTLE_MS);
  await channel.assertExchange(ROOT_NAME, 'fanout', { durable: true });
}

/**
 * Makes a topic: logs, description, and last of all the mark that says it is whole. What an earlier, interrupted making
 * left behind is removed first: without the mark nobody can have written to it.
 */
async function make(channel: ConfirmedChannel, spec: TopicSpec): Promise<void> {
  const { name, partitions } = spec;
  const logs = Array.from({ length: partitions }, (_, partition) => logName({ topic: name, partition }));
  for (const stream of [...logs, metaName(name)]) await channel.channel.deleteQueue(stream);
  for (const log of logs) await channel.channel.assertQueue(log, { durable: true, arguments: logArguments(spec) });
  await channel.channel.assertQueue(metaName(name), { durable: true, arguments: PLACE_ARGUMENTS });
  const { content, options } = FIRST_RECORD;
  await Promise.all([
    ...logs.map((log) => channel.put(log, content, options)),
    write(channel, name, { partitions, heads: logs.map(() => 0) }),
  ]);
  await channel.channel.assertExchange(markName(name), 'fanout', { durable: true });
}

function write(channel: ConfirmedChannel, topic: string, meta: TopicMeta): Promise<void> {
  return channel.put(metaName(topic), Buffer.from(JSON.stringify(meta)));
}
