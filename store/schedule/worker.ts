import type { Connection } from 'mongoose';
import { pause } from '../../events/backoff.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { steadyClock } from '../steady-clock.ts';
import { KindWorker, type ScheduleKind } from './kind-worker.ts';
import { ensureScheduleIndex, scheduleRows } from './row.ts';
import { watchArmings } from './watch-armings.ts';

/** What a worker of the schedule does. */
export interface ScheduleWorkerOptions {
  readonly connection: Connection;
  /** Kind → how it is handled. Entries of other kinds are left to other workers. */
  readonly kinds: Readonly<Record<string, ScheduleKind>>;
  /** The time of day, by which entries are due. */
  readonly clock?: Clock;
  /** By which leases are measured. @default steadyClock */
  readonly steady?: Clock;
  readonly logger?: Logger;
  /** Milliseconds after which it looks at the schedule and the clock though nothing woke it. @default 5000 */
  readonly pollMs?: number;
  /** `Store.alone`: then what a process before us was killed over is taken up at once. @default false */
  readonly alone?: boolean;
}

/** A running worker. */
export interface ScheduleWorker {
  /** Claims no more and lets handlers end; after `graceMs` (default 10000) aborts their signal. What fails then is handed back. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Runs what is due, oldest first; run as many as you like, in as many processes. Each occurrence runs at least once, an
 * entry never twice at the same time, unless its worker stood still for a whole lease: then its fence is out of date, and
 * whatever it settles afterwards fails. Woken by a change stream and by the next entry's time, polling is the fallback.
 */
export async function startScheduleWorker(options: ScheduleWorkerOptions): Promise<ScheduleWorker> {
  const { connection, kinds, clock = systemClock, steady = steadyClock, pollMs = 5_000, alone = false } = options;
  const logger = (options.logger ?? silentLogger).child({ part: 'schedule' });
  await ensureScheduleIndex(connection);
  const rows = scheduleRows(connection);
  const closing = new AbortController();
  const stop = new AbortController();
  const shared = { rows, clock, steady, logger, pollMs, alone, closing: closing.signal, stop: stop.signal };
  const workers = new Map(Object.entries(kinds).map(([name, kind]) => [name, new KindWorker(shared, name, kind)]));
  const onArmed = (kind: string) => workers.get(kind)?.wake();
  const watching = watchArmings(rows, { onArmed, signal: closing.signal, logger });
  const ended = Promise.all([...workers.values()].map((worker) => worker.ended));

  return {
    close: async (graceMs = 10_000) => {
      closing.abort();
      const done = new AbortController();
      const stopping = pause(graceMs, done.signal).then((passed) => {
        if (passed) stop.abort(new AppError('SHUTTING_DOWN', 'The worker of the schedule stops.'));
      });
      await Promise.all([ended, watching]).finally(() => done.abort());
      await stopping;
    },
  };
}
