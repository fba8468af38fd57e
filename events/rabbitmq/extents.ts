import { AppError } from '../../lib/errors.ts';
import type { Bus, Position } from '../bus.ts';
import type { Link } from './link.ts';
import { logName, type Place } from './names.ts';
import { firstMessage, lastMessage, messageAt } from './probe.ts';
import { streamOffset, timeOf } from './record-codec.ts';
import type { RabbitmqTopics } from './topics.ts';

/** What one partition holds: from `low` up to, not including, `high`. */
export interface Extent extends Place {
  readonly low: number;
  readonly high: number;
}

/** What is kept of these topics' partitions. AppError EVENT_INVALID. */
export async function readExtents(link: Link, topics: RabbitmqTopics, names: readonly string[]): Promise<Extent[]> {
  const found = names.map(async (topic) => {
    const heads = await topics.heads(topic);
    return Promise.all(heads.map((head, partition) => readExtent(link, { topic, partition }, head)));
  });
  return (await Promise.all(found)).flat();
}

/** Offsets are the stream's less one, as its first record is shown to nobody. */
async function readExtent(link: Link, place: Place, head: number): Promise<Extent> {
  const stream = logName(place);
  const [first, last] = await Promise.all([firstMessage(link, stream), lastMessage(link, stream)]);
  const high = streamOffset(last);
  return { ...place, low: Math.min(high, Math.max(0, head, streamOffset(first) - 1)), high };
}

/** The offset of the first record that is shown of one partition. */
export async function readLow(link: Link, topics: RabbitmqTopics, { topic, partition }: Place): Promise<number> {
  const heads = await topics.heads(topic);
  return (await readExtent(link, { topic, partition }, heads[partition] ?? 0)).low;
}

/** AppError CURSOR_EXPIRED when a position is before what is kept, or after all that was ever written. */
export function requireKept(extents: readonly Extent[], { topic, partition, offset }: Position): void {
  const extent = extents.find((candidate) => candidate.topic === topic && candidate.partition === partition);
  if (!extent || offset < extent.low || offset > extent.high)
    throw new AppError('CURSOR_EXPIRED', `Records of ${topic} after this position are no longer kept.`);
}

/** The place in an extent that the port's `positions` asks for. */
export async function positionIn(link: Link, extent: Extent, at: Parameters<Bus['positions']>[1]): Promise<Position> {
  const { topic, partition, low, high } = extent;
  if (at === 'earliest') return { topic, partition, offset: low };
  if (at === 'latest') return { topic, partition, offset: high };
  return { topic, partition, offset: await searchTime(link, extent, at.time) };
}

/**
 * Halves the extent until the first record at or after the time is found; a lane keeps times rising with offsets. The
 * broker's own search by time is by the second, and by chunk.
 */
async function searchTime(link: Link, { low, high, ...place }: Extent, time: number): Promise<number> {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const message = await messageAt(link, logName(place), middle + 1);
    // Numbers may be skipped: what came may be a later one.
    if (timeOf(message) >= time) to = middle;
    else from = streamOffset(message);
  }
  return to;
}
