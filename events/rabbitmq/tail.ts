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
    readonly logger: Logger;
  },
): Promise<Tail> {
  const { link, extents, logger } = options;
  const stop = new AbortController();
  const next = pin(options);
  const readings = extents.map((place, index) => {
    const run = async () => {
      const channel = await link.channel();
      try {
        // The stream counts from the record that nobody sees.
        const reader = await StreamReader.open(channel, logName(place), (next[index] as Position).offset + 1);
        for (let message = await reader.next(stop.signal); message; message = await reader.next(stop.signal)) {
          const record = toBusRecord(place, message);
          next[index] = { ...toPlace(place), offset: record.offset + 1 };
          await hand(record, options);
        }
      } finally {
        await closeQuietly(channel);
      }
    };
    return keepTrying({ signal: stop.signal, logger, what: toPlace(place), run });
  });
  return {
    positions: () => [...next],
    close: async () => {
      stop.abort();
      await Promise.all(readings);
    },
  };
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
