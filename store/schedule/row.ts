import type { Connection, mongo } from 'mongoose';

/** The collection of the schedule. */
export const SCHEDULE = 'schedule';

/** What becomes of an entry that comes late (see `Setting.late`). */
export type LatePolicy = 'run' | 'once' | { readonly skipAfterMs: number };

/** Why an entry failed, is tried again, or was skipped. */
export interface Reason {
  /** A code of the table of errors. */
  readonly code: string;
  readonly message: string;
  readonly at: Date;
}

/**
 * `waiting` for `at`; `running` under a lease; `failed`: given up, until somebody redrives it; `skipped`: came too late to
 * be of use. The last two stay as a record and are never run by themselves.
 */
export type EntryState = 'waiting' | 'running' | 'failed' | 'skipped';

/** An entry as it is stored: what is to be done (an arming), and who does it now (a lease). */
export interface ScheduleRow {
  /** Kind, tenant and key: there is one entry of a key, hence never two at once. */
  readonly _id: string;
  readonly kind: string;
  readonly tenant: string;
  readonly key: string;
  readonly state: EntryState;
  /** When to look at it next: `dueAt`, or later when it is tried again. Absent when failed, skipped or cancelled. */
  readonly at?: Date;
  readonly dueAt: Date;
  /** A ULID per setting and per recurrence; null once cancelled while it runs. */
  readonly arming: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly late: LatePolicy;
  /** Milliseconds between recurrences; null when it happens once. */
  readonly every: number | null;
  /** Whether `at` was counted from some moment by us, not set by a caller: it can be put right when the clock goes back. */
  readonly relative: boolean;
  /** Claims of this arming, failures of its handler, and claims whose worker vanished. */
  readonly attempt: number;
  readonly failures: number;
  readonly lapses: number;
  readonly firstFailedAt: Date | null;
  /** Rises with every claim. A new entry begins at the milliseconds of its making, so it rises over the lives of a key too. */
  readonly fence: number;
  /** Rises with every renewal. */
  readonly beat: number;
  readonly holder: string | null;
  /** The arming that the holder claimed; another one in `arming` was set meanwhile and waits for the holder's end. */
  readonly claimed: string | null;
  readonly reason?: Reason;
}

/** The name of an entry. */
export interface EntryName {
  /** Who handles it, for example `process.timer`. */
  readonly kind: string;
  readonly tenant: string;
  /** Unique within kind and tenant. */
  readonly key: string;
}

/** The collection. */
export function scheduleRows(connection: Connection): mongo.Collection<ScheduleRow> {
  return connection.collection<ScheduleRow>(SCHEDULE);
}

/** The `_id` of an entry. */
export function entryId({ kind, tenant, key }: EntryName): string {
  return JSON.stringify([kind, tenant, key]);
}

/** The kind of an entry, by its `_id`. */
export function kindOf(id: string): string {
  return (JSON.parse(id) as [string, string, string])[0];
}

/** The one index: what of a kind waits, runs or failed, oldest first. */
export async function ensureScheduleIndex(connection: Connection): Promise<void> {
  await scheduleRows(connection).createIndex({ kind: 1, state: 1, at: 1 });
}
