import { type ClientSession, type Connection, mongo } from 'mongoose';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { newUlid } from '../../lib/ids.ts';
import { type EntryName, entryId, type LatePolicy, type ScheduleRow, scheduleRows } from './row.ts';

/** Characters of kind, tenant and key together: they make the `_id`. */
const MAX_NAME = 700;
/** The last moment a date can name. */
const LAST_MS = 8_640_000_000_000_000;

/** What is to be done, and when. */
export interface Setting extends EntryName {
  readonly dueAt: Date;
  /** What the handler gets: plain data, stored as it is. @default {} */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Milliseconds from one occurrence to the next, counted from the first `dueAt`. Absent: it happens once. */
  readonly every?: number;
  /**
   * What happens when nobody was there in time. `run`: it is run however late, every missed occurrence for itself. `once`:
   * missed occurrences are run as one. `skipAfterMs`: what is later than that is dropped, and recorded. @default 'run'
   */
  readonly late?: LatePolicy;
}

/** Sets or replaces the entry of that name; answers the id of this arming. One that runs goes on, and this one waits for its end. */
export async function arm(
  connection: Connection,
  clock: Clock,
  session: ClientSession | null,
  setting: Setting,
): Promise<string> {
  requireSetting(setting);
  const arming = newUlid();
  const update = toUpdate(setting, arming, clock.now());
  const options = { upsert: true, ...(session ? { session } : {}) };
  const write = () => scheduleRows(connection).updateOne({ _id: entryId(setting) }, update, options);
  await write().catch((error) => {
    if (!isDuplicateKey(error)) throw error;
    // Two first settings at once. In a transaction it is to run again; else the second one now finds the first.
    if (session) (error as mongo.MongoServerError).addErrorLabel('TransientTransactionError');
    if (session) throw error;
    return write();
  });
  return arming;
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11_000;
}

/** A pipeline, as what is held by a lease must stay so. Values of the caller are literals: a text may begin with a dollar. */
function toUpdate({ kind, tenant, key, dueAt, payload, every, late }: Setting, arming: string, now: number) {
  const arms: Omit<ScheduleRow, '_id' | 'state' | 'fence' | 'beat' | 'holder' | 'claimed'> = {
    kind,
    tenant,
    key,
    at: dueAt,
    dueAt,
    arming,
    payload: payload ?? {},
    late: late ?? 'run',
    every: every ?? null,
    relative: false,
    attempt: 0,
    failures: 0,
    lapses: 0,
    firstFailedAt: null,
  };
  const literals = Object.entries(arms).map(([name, value]) => [name, { $literal: value }]);
  return [
    // Unset first: `$set` would merge a payload into the one before.
    { $unset: ['payload', 'late', 'reason'] },
    {
      $set: {
        ...Object.fromEntries(literals),
        state: { $cond: [{ $eq: ['$state', 'running'] }, 'running', 'waiting'] },
        fence: { $ifNull: ['$fence', now] },
        beat: { $ifNull: ['$beat', 0] },
        holder: { $ifNull: ['$holder', null] },
        claimed: { $ifNull: ['$claimed', null] },
      },
    },
  ];
}

function requireSetting({ kind, tenant, key, dueAt, every, late }: Setting): void {
  const name = [kind, tenant, key];
  demand('key', name.every((part) => part !== '') && name.join('').length <= MAX_NAME);
  demand('dueAt', Number.isFinite(dueAt.getTime()));
  demand('every', every === undefined || (every >= 1 && every < LAST_MS));
  demand('late', typeof late !== 'object' || late.skipAfterMs >= 0);
}

function demand(field: keyof Setting, holds: boolean): void {
  if (!holds)
    throw new AppError('BAD_USER_INPUT', `What is to be scheduled has no usable ${field}.`, { extensions: { field } });
}

/**
 * Takes an entry back. `cancelled`: it will not run. `running`: a worker has it; it will not run again, and its signal aborts
 * when the worker renews its lease. `absent`: there is none.
 */
export async function cancel(
  connection: Connection,
  session: ClientSession | null,
  name: EntryName,
): Promise<'cancelled' | 'running' | 'absent'> {
  const rows = scheduleRows(connection);
  const _id = entryId(name);
  const options = session ? { session } : {};
  for (;;) {
    const { deletedCount } = await rows.deleteOne({ _id, state: { $ne: 'running' } }, options);
    if (deletedCount === 1) return 'cancelled';
    const change = { $set: { arming: null }, $unset: { at: 1 as const, reason: 1 as const } };
    const { matchedCount } = await rows.updateOne({ _id, state: 'running' }, change, options);
    if (matchedCount === 1) return 'running';
    if (!(await rows.findOne({ _id }, { ...options, projection: { _id: 1 } }))) return 'absent';
  }
}
