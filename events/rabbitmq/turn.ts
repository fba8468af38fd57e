import { once } from 'node:events';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../../lib/logger.ts';
import type { Delivery } from '../delivery.ts';
import { Commits } from './commits.ts';
import { isMissing } from './failure.ts';
import type { GroupPlaces } from './group-places.ts';
import { keepTrying } from './keep-trying.ts';
import { closeQuietly, type Link } from './link.ts';
import { logName, type Place, turnName } from './names.ts';
import { toBusRecord } from './record-codec.ts';
import { StreamReader } from './stream-reader.ts';

/** Turns kept at once: more than one is there only while one replaces another. */
const PREFETCH = 8;
/** The broker closes a channel over a message that waits unacknowledged for 30 minutes; the turn is exchanged before. */
const RENEW_MS = 10 * 60_000;
/** How long to wait for a turn before a new one is put in: one may be lost, when the queue was emptied or its maker ended. */
const LOST_MS = 10_000;

/** What a member needs to read one partition. */
export interface TurnOptions {
  readonly link: Link;
  readonly group: string;
  readonly place: Place;
  readonly groups: GroupPlaces;
  /** The offset of the first record that is shown. */
  readonly low: (place: Place) => Promise<number>;
  readonly take: Delivery;
  /** Makes what the group needs on the broker, where somebody removed it. */
  readonly repair: () => Promise<void>;
  readonly logger: Logger;
}

/** A member's stand in the line for one partition, and its reading once it is the first. */
export interface Turn {
  /** Resolves when it stands in line for the first time. */
  readonly inLine: Promise<void>;
  /** Waits for the record at hand, commits, and lets the next in line have the partition. */
  close(): Promise<void>;
}

/** Gets in line, reads when the turn comes, and gets in line again when the connection was lost. */
export function takeTurn(options: TurnOptions): Turn {
  const { group, place, logger } = options;
  const stop = new AbortController();
  let stands: () => void = () => undefined;
  const inLine = new Promise<void>((resolve) => (stands = resolve));
  const run = () => standInLine(options, stop.signal, stands);
  const over = keepTrying({ signal: stop.signal, logger, what: { group, ...place }, run }).then(stands);
  return {
    inLine,
    close: async () => {
      stop.abort();
      await over;
    },
  };
}

/** One stay in the line: on a channel of its own, with which turn and reading go. */
async function standInLine(options: TurnOptions, stop: AbortSignal, stands: () => void): Promise<void> {
  const { link, group, place, groups } = options;
  const channel = await link.channel();
  const lost = new AbortController();
  channel.once('close', () => lost.abort());
  const ended = AbortSignal.any([stop, lost.signal]);
  try {
    const line = await getInLine(channel, turnName(group, place));
    stands();
    const renewEvery = (ms: number) => setInterval(() => void groups.renew(group, place).catch(() => undefined), ms);
    const replacing = renewEvery(LOST_MS);
    await Promise.race([line.granted, aborted(ended)]);
    clearInterval(replacing);
    const renewal = renewEvery(RENEW_MS);
    try {
      if (!ended.aborted) await read(options, { channel, ended, lost: lost.signal });
    } finally {
      clearInterval(renewal);
      // Explicitly, so that the broker has counted us out when the channel is closed.
      if (!lost.signal.aborted) await line.leave();
    }
  } catch (error) {
    if (isMissing(error)) await options.repair();
    throw error;
  } finally {
    await closeQuietly(channel);
  }
}

async function getInLine(channel: Channel, queue: string) {
  let held: ConsumeMessage | null = null;
  let grant: () => void = () => undefined;
  const granted = new Promise<void>((resolve) => (grant = resolve));
  await channel.prefetch(PREFETCH);
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (!message) return void closeQuietly(channel);
    if (held) channel.ack(held);
    held = message;
    grant();
  });
  return {
    /** Resolves when the turn is ours. */
    granted,
    leave: async () => {
      await channel.cancel(consumerTag);
      if (held) channel.nack(held, false, true);
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function read(
  options: TurnOptions,
  { channel, ended, lost }: { channel: Channel; ended: AbortSignal; lost: AbortSignal },
): Promise<void> {
  const { group, place, groups, low, take, logger } = options;
  const [first, committed] = await Promise.all([low(place), groups.read(group, place)]);
  if (committed !== null && committed < first)
    logger.warn({ group, ...place, committed, first }, 'records were removed unread');
  const commits = new Commits({ write: (offset) => groups.write(group, { ...place, offset }), logger });
  // The stream counts from the record that nobody sees.
  const from = Math.max(first, committed ?? 0) + 1;
  const reader = await StreamReader.open({ channel, stream: logName(place), from });
  for (let message = await reader.next(ended); message; message = await reader.next(ended)) {
    const record = toBusRecord(place, message);
    if (!(await take(record, ended))) break;
    commits.set(record.offset + 1, !reader.hasNext);
  }
  // Who lost the turn leaves the writing to its successor: an older place would have it read again.
  if (!lost.aborted) await commits.flush();
}
