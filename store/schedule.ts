import type { ClientSession, Connection } from 'mongoose';
import { type Clock, systemClock } from '../lib/clock.ts';
import { arm, cancel, type Setting } from './schedule/arm.ts';
import { type EntryName, type EntryState, entryId, type ScheduleRow, scheduleRows } from './schedule/row.ts';

export type { ScheduleKind } from './schedule/kind-worker.ts';
export type { ScheduledCall } from './schedule/run-claim.ts';
export { type ScheduleWorker, startScheduleWorker } from './schedule/worker.ts';
export type { EntryName, EntryState, ScheduleRow, Setting };

/** What is to be looked at of the schedule. */
export interface ScheduleQuery {
  readonly kind: string;
  readonly state: EntryState;
  readonly tenant?: string;
  /** @default 100 */
  readonly limit?: number;
}

/** How a kind stands. */
export interface ScheduleCounts extends Readonly<Record<EntryState, number>> {
  /** Milliseconds by which the oldest waiting entry is late; 0 when none is. */
  readonly lateByMs: number;
}

/**
 * What is to be done later, kept in the database: timers, reminders, polls. Set it in the transaction of the change that
 * asks for it, and it is there if and only if the change is. Whoever runs `startScheduleWorker` for its kind does it.
 */
export interface Schedule {
  /**
   * Sets the entry of that kind, tenant and key, in place of the one there may be; answers the id of this arming. If the
   * former one runs just now, this one waits for its end. AppError BAD_USER_INPUT names a field that cannot be used.
   */
  set(session: ClientSession | null, setting: Setting): Promise<string>;
  /**
   * Takes an entry back. `cancelled`: it will not run. `running`: a worker has it already, and it will not run again;
   * its signal aborts when its lease is renewed. `absent`: there is none.
   */
  cancel(session: ClientSession | null, name: EntryName): Promise<'cancelled' | 'running' | 'absent'>;
  find(name: EntryName): Promise<ScheduleRow | null>;
  /** The oldest entries of a kind in a state: `failed` are the incidents. */
  list(query: ScheduleQuery): Promise<ScheduleRow[]>;
  /** Puts a failed or skipped entry back, due now, under the same arming; false when there is none. Skipping does not apply to it again. */
  redrive(session: ClientSession | null, name: EntryName): Promise<boolean>;
  counts(kind: string): Promise<ScheduleCounts>;
}

/** The schedule of a database. */
export function createSchedule(connection: Connection, { clock = systemClock }: { clock?: Clock } = {}): Schedule {
  const rows = scheduleRows(connection);
  return {
    set: (session, setting) => arm(connection, clock, session, setting),
    cancel: (session, name) => cancel(connection, session, name),
    find: (name) => rows.findOne({ _id: entryId(name) }),
    list: ({ kind, state, tenant, limit = 100 }) =>
      rows.find({ kind, state, ...(tenant === undefined ? {} : { tenant }) }, { sort: { at: 1 }, limit }).toArray(),
    redrive: async (session, name) => {
      const now = new Date(clock.now());
      const anew = { state: 'waiting', at: now, dueAt: now, attempt: 0, failures: 0, lapses: 0 } as const;
      const { matchedCount } = await rows.updateOne(
        { _id: entryId(name), state: { $in: ['failed', 'skipped'] } },
        { $set: { ...anew, firstFailedAt: null }, $unset: { reason: 1 } },
        session ? { session } : {},
      );
      return matchedCount === 1;
    },
    counts: async (kind) => {
      const count = (state: EntryState) => rows.countDocuments({ kind, state });
      const [waiting, running, failed, skipped, oldest] = await Promise.all([
        count('waiting'),
        count('running'),
        count('failed'),
        count('skipped'),
        rows.findOne({ kind, state: 'waiting' }, { sort: { at: 1 }, projection: { at: 1 } }),
      ]);
      const lateByMs = Math.max(0, clock.now() - (oldest?.at?.getTime() ?? clock.now()));
      return { waiting, running, failed, skipped, lateByMs };
    },
  };
}
