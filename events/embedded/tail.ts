import { setMaxListeners } from 'node:events';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { BusRecord, Position, Tail, TailOptions } from '../bus.ts';
import type { PartitionLog } from './partition-log.ts';
import { readLoop } from './read-loop.ts';

/** AppError CURSOR_EXPIRED when a position is before what is kept, or after all that was ever written. */
export function requireKept(logs: readonly PartitionLog[], { topic, partition, offset }: Position): void {
  const log = logs.find((candidate) => candidate.topic === topic && candidate.partition === partition);
  if (!log || offset < log.start || offset > log.end)
    throw new AppError('CURSOR_EXPIRED', `Records of ${topic} after this position are no longer kept.`);
}

/** Starts a tail over these partitions. */
export function startTail(logs: readonly PartitionLog[], options: TailOptions, logger: Logger): Tail {
  const stop = new AbortController();
  // Every partition listens.
  setMaxListeners(0, stop.signal);
  const from = options.from === 'latest' ? [] : options.from.filter(({ topic }) => options.topics.includes(topic));
  for (const position of from) requireKept(logs, position);
  const next = new Map(logs.map((log) => [log, from.find((position) => isOf(position, log))?.offset ?? log.end]));
  const readings = logs.map((log) =>
    readLoop({
      log,
      from: next.get(log) ?? log.end,
      signal: stop.signal,
      logger,
      take: (record) => {
        next.set(log, record.offset + 1);
        return hand(record, options, logger);
      },
    }),
  );
  return {
    positions: () => logs.map((log) => ({ topic: log.topic, partition: log.partition, offset: next.get(log) ?? 0 })),
    close: async () => {
      stop.abort();
      await Promise.all(readings);
    },
  };
}

function isOf(position: Position, log: PartitionLog): boolean {
  return position.topic === log.topic && position.partition === log.partition;
}

/** Hands a record out; a reader that throws is told on in the log and goes on with the next, as nothing is committed. */
function hand(record: BusRecord, { onRecord }: TailOptions, logger: Logger): true | Promise<true> {
  const failed = (error: unknown): true => {
    const { topic, partition, offset } = record;
    logger.error({ topic, partition, offset, err: error }, 'a tail failed on a record');
    return true;
  };
  try {
    return onRecord(record)?.then(() => true as const, failed) ?? true;
  } catch (error) {
    return failed(error);
  }
}
