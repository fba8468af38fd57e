import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../../lib/logger.ts';
import { pause } from '../backoff.ts';
import type { BusRecord } from '../bus.ts';
import type { PartitionLog } from './partition-log.ts';

/** How long a partition that cannot be read waits before the next try, in milliseconds. */
const UNREADABLE_MS = 1_000;

/** One reader of one partition. */
export interface ReadLoopOptions {
  readonly log: PartitionLog;
  readonly from: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Takes the records one by one; a false answer ends the loop. */
  readonly take: (record: BusRecord) => boolean | Promise<boolean>;
}

/** Reads on and on, record by record, until the signal aborts. Never rejects: what cannot be read is logged and tried again. */
export async function readLoop(options: ReadLoopOptions): Promise<void> {
  const { log, signal, logger } = options;
  let offset: number | null = options.from;
  while (offset !== null && !signal.aborted) {
    await log.waitFor(offset, signal);
    if (offset < log.start) {
      logger.warn(
        { topic: log.topic, partition: log.partition, offset, start: log.start },
        'records were trimmed unread',
      );
      offset = log.start;
    }
    try {
      offset = await takeSome(options, offset);
    } catch (error) {
      logger.error(
        { topic: log.topic, partition: log.partition, offset, err: error },
        'the event log cannot be read here',
      );
      await pause(UNREADABLE_MS, signal);
    }
    // Handlers that never wait would otherwise keep sockets and timers from their turn as long as there is a backlog.
    await nextTurn();
  }
}

/** Hands out one read's worth; answers the offset to go on from, null when the reading is over. */
async function takeSome({ log, signal, take }: ReadLoopOptions, from: number): Promise<number | null> {
  let offset = from;
  for (const record of log.read(from)) {
    if (signal.aborted) return null;
    const taken = take(record);
    if (!(typeof taken === 'boolean' ? taken : await taken)) return null;
    offset = record.offset + 1;
  }
  return offset;
}
