import type { Connection, mongo } from 'mongoose';
import { backoffMs, pause } from '../events/backoff.ts';
import type { Bus } from '../events/bus.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import { OUTBOX, type OutboxRow } from './outbox-row.ts';
import { publishRows } from './publish-rows.ts';
import { watchInserts } from './watch-inserts.ts';

/** What the relay works on. */
export interface RelayOptions {
  readonly connection: Connection;
  readonly bus: Bus;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Most rows held in memory and published at once. @default 500 */
  readonly batch?: number;
  /** How long it waits when no change stream wakes it, in milliseconds. @default 1000 */
  readonly pollMs?: number;
}

/** A running relay. */
export interface Relay {
  /** Ends after the batch under way. */
  close(): Promise<void>;
}

/**
 * Publishes what the outbox holds, oldest first, and removes each row after the bus acknowledged it: at least once, in
 * order per subject. It always begins with the oldest row there is, so a transaction that commits late is not passed
 * over. A commit wakes it through a change stream, polling is the fallback; when the bus is down it backs off (50 ms to
 * 5 s) while rows gather in the database. Run ONE per database: two would publish twice, and out of order.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { connection, bus, clock = systemClock, batch = 500, pollMs = 1_000 } = options;
  const logger = (options.logger ?? silentLogger).child({ part: 'relay' });
  const rows = connection.collection<OutboxRow>(OUTBOX);
  const stop = new AbortController();
  const wake = createWake(stop.signal);
  const watching = watchInserts(rows, { onInsert: wake.now, signal: stop.signal, logger });
  const working = work();

  async function work(): Promise<void> {
    for (let failures = 0; !stop.signal.aborted; ) {
      try {
        const done = await relayBatch({ rows, bus, clock, logger, batch });
        failures = 0;
        if (done < batch) await wake.within(pollMs);
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, failures }, 'the outbox could not be relayed; again');
        await pause(backoffMs(failures), stop.signal);
      }
    }
  }

  return {
    close: async () => {
      stop.abort();
      await Promise.all([working, watching]);
    },
  };
}

/** Relays the oldest rows; answers how many there were. Throws when any of them must wait. */
async function relayBatch(
  options: Pick<Required<RelayOptions>, 'bus' | 'clock' | 'logger' | 'batch'> & {
    rows: mongo.Collection<OutboxRow>;
  },
): Promise<number> {
  const { rows, bus, clock, logger, batch } = options;
  const waiting = { refused: { $exists: false } };
  const found = await rows.find(waiting, { sort: { _id: 1 }, limit: batch }).toArray();
  if (found.length === 0) return 0;
  const { published, refused, failure } = await publishRows(bus, found);
  if (published.length > 0) await rows.deleteMany({ _id: { $in: published } });
  for (const { id, code, message } of refused) {
    logger.error({ outbox: id, code }, 'the bus will never take this event; it is set aside in the outbox');
    await rows.updateOne({ _id: id }, { $set: { refused: { code, message, at: new Date(clock.now()) } } });
  }
  if (failure !== null) throw failure;
  return found.length;
}

/** A sleep that a signal from outside ends; a signal that comes while awake ends the next sleep at once. */
function createWake(signal: AbortSignal): { now(): void; within(milliseconds: number): Promise<void> } {
  let pending = false;
  let sleeper: AbortController | null = null;
  return {
    now: () => {
      pending = true;
      sleeper?.abort();
    },
    within: async (milliseconds) => {
      if (!pending) {
        sleeper = new AbortController();
        await pause(milliseconds, AbortSignal.any([signal, sleeper.signal]));
        sleeper = null;
      }
      pending = false;
    },
  };
}
