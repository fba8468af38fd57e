import type { mongo } from 'mongoose';
import type { Clock } from '../../lib/clock.ts';
import type { LapseWatch } from '../lapse-watch.ts';
import type { ScheduleRow } from './row.ts';

/** Entries whose leases are looked at in one go: more than all workers of a kind run at once. */
const MOST_RUNNING = 1_000;

type Rows = mongo.Collection<ScheduleRow>;

/** An entry that is claimed: the worker has its lease. */
export interface Claim {
  readonly row: ScheduleRow;
  readonly fence: number;
  /** The arming that is run. */
  readonly arming: string;
  /** By our steady clock, before it was asked for: from when our lease counts. */
  readonly since: number;
}

/** The oldest entries of a kind that wait, due or not. */
export async function findWaiting(rows: Rows, kind: string, limit: number): Promise<ScheduleRow[]> {
  return rows.find({ kind, state: 'waiting' }, { sort: { at: 1 }, limit }).toArray();
}

/** Takes the lease of an entry as it was read, if nobody was faster: one compare-and-set, which raises the fence. */
export async function claimEntry(
  { rows, holder, steady }: { rows: Rows; holder: string; steady: Clock },
  { _id, arming, at }: ScheduleRow,
): Promise<Claim | null> {
  if (arming === null || !at) return null;
  const since = steady.now();
  const row = await rows.findOneAndUpdate(
    { _id, state: 'waiting', arming, at },
    { $set: { state: 'running', holder, claimed: arming }, $inc: { fence: 1, attempt: 1 } },
    { returnDocument: 'after' },
  );
  return row && { row, fence: row.fence, arming, since };
}

/** Renews a lease. `cancelled`: we have it, but the entry was cancelled. `lost`: another worker has taken over. */
export async function renewClaim(rows: Rows, claim: Claim): Promise<'kept' | 'cancelled' | 'lost'> {
  const held = { _id: claim.row._id, state: 'running', fence: claim.fence } as const;
  const row = await rows.findOneAndUpdate(held, { $inc: { beat: 1 } }, { projection: { arming: 1 } });
  if (!row) return 'lost';
  return row.arming === null ? 'cancelled' : 'kept';
}

/** What looks after the leases of others. */
export interface TakeOverOptions {
  readonly rows: Rows;
  readonly kind: string;
  readonly watch: LapseWatch;
  readonly clock: Clock;
  /** Whether this very worker runs it: then it is not dead, however long it did not renew. */
  readonly isOwn: (row: ScheduleRow) => boolean;
  /** Whether its holder is known to be gone. */
  readonly isOrphan: (row: ScheduleRow) => boolean;
  /** Claims that may end without a word before an entry is given up: it may be what kills its workers. */
  readonly maxLapses: number;
}

/** Frees the entries whose holders did not renew for the time of a lease; answers them. */
export async function freeLapsed(options: TakeOverOptions): Promise<ScheduleRow[]> {
  const { rows, kind, watch, isOwn, isOrphan } = options;
  const running = await rows.find({ kind, state: 'running' }, { limit: MOST_RUNNING }).toArray();
  watch.keep(new Set(running.map(({ _id }) => _id)));
  const others = running.filter((row) => !isOwn(row));
  const lapsed = others.filter((row) => watch.isLapsed(row._id, `${row.fence}/${row.beat}`) || isOrphan(row));
  const freed = await Promise.all(lapsed.map(async (row) => ((await free(options, row)) ? row : null)));
  return freed.filter((row) => row !== null);
}

/** Ends the lease of a holder that is gone: whatever it still does fails by its fence. */
async function free({ rows, maxLapses, clock }: TakeOverOptions, row: ScheduleRow): Promise<boolean> {
  const { _id, fence, beat, arming, claimed } = row;
  const asRead = { _id, state: 'running', fence, beat, arming } as const;
  if (arming === null) return (await rows.deleteOne(asRead)).deletedCount === 1;
  const isLast = arming === claimed && row.lapses + 1 >= maxLapses;
  const reason = {
    code: 'LEASE_LOST',
    message: `Its worker vanished ${row.lapses + 1} times.`,
    at: new Date(clock.now()),
  };
  const { matchedCount } = await rows.updateOne(asRead, {
    $set: { state: isLast ? 'failed' : 'waiting', holder: null, claimed: null, ...(isLast ? { reason } : {}) },
    $inc: { fence: 1, lapses: arming === claimed ? 1 : 0 },
    ...(isLast ? { $unset: { at: 1 as const } } : {}),
  });
  return matchedCount === 1;
}
