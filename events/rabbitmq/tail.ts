import type { Logger } from '../../lib/logger.ts';
import type { BusRecord, Position, Tail, TailOptions } from '../bus.ts';
import { type Extent, requireKept } from './extents.ts';
import { keepTrying } from './keep-trying.ts';
import { closeQuietly, type Link } from './link.ts';
import { logName, type Place } from './names.ts';
import { toBusRecord } from './record-codec.ts';
import { StreamReader } from './stream-reader.ts';

/** A reading of each partition from where it is pinned on; nothing of it is kept on the broker. */
export async function startRabbitmqTail(
  options: TailOptions & {
    readonly link: Link;
    readonly extents: readonly Extent[];
    /** The offset of the first record that is shown. */
    readonly low: (place: Place) => Promise<number>;
    readonly logger: Logger;
  },
): Promise<Tail> {
  const { extents, logger } = options;
  const stop = new AbortController();
  const next = pin(options);
  const readings = extents.map((extent, index) => {
    const place = toPlace(extent);
    let isFirst = true;
    const run = async () => {
      if (!isFirst) next[index] = await afterBreak(options, next[index] as Position);
      isFirst = false;
      await read(options, { place, from: (next[index] as Position).offset, signal: stop.signal }, (record) => {
        next[index] = { ...place, offset: record.offset + 1 };
        return hand(record, options);
      });
    };
    return keepTrying({ signal: stop.signal, logger, what: place, run });
  });
  return {
    positions: () => [...next],
    close: async () => {
      stop.abort();
      await Promise.all(readings);
    },
  };
}

/** Where to go on: at the first record that is kept, should the next one have gone meanwhile. */
async function afterBreak(
  { low, logger }: { low: (place: Place) => Promise<number>; logger: Logger },
  next: Position,
): Promise<Position> {
  const first = await low(next);
  if (first <= next.offset) return next;
  logger.warn({ ...next, first }, 'records were removed unread');
  return { ...next, offset: first };
}

/** One reading of a partition, until it is stopped or the channel is lost. */
async function read(
  { link }: { readonly link: Link },
  { place, from, signal }: { place: Place; from: number; signal: AbortSignal },
  take: (record: BusRecord) => Promise<void>,
): Promise<void> {
  const channel = await link.channel();
  try {
    // The stream counts from the record that nobody sees.
    const reader = await StreamReader.open({ channel, stream: logName(place), from: from + 1 });
    for (let message = await reader.next(signal); message; message = await reader.next(signal))
      await take(toBusRecord(place, message));
  } finally {
    await closeQuietly(channel);
  }
}

/** Where each partition begins. AppError CURSOR_EXPIRED. */
function pin({ topics, from, extents }: TailOptions & { readonly extents: readonly Extent[] }): Position[] {
  const wanted = from === 'latest' ? [] : from.filter(({ topic }) => topics.includes(topic));
  for (const position of wanted) requireKept(extents, position);
  return extents.map(({ topic, partition, high }) => {
    const asked = wanted.find((position) => position.topic === topic && position.partition === partition);
    return { topic, partition, offset: asked?.offset ?? high };
  });
}

function toPlace({ topic, partition }: Place): Place {
  return { topic, partition };
}

async function hand(record: BusRecord, { onRecord, logger }: TailOptions & { logger: Logger }): Promise<void> {
  try {
    await onRecord(record);
  } catch (error) {
    const { topic, partition, offset } = record;
    logger.error({ topic, partition, offset, err: error }, 'a tail failed on a record');
  }
}
