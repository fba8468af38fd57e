import type { ClientSession, mongo } from 'mongoose';
import { AppError } from '../../lib/errors.ts';
import { newUlid } from '../../lib/ids.ts';
import type { Claim } from './claim.ts';
import type { Reason, ScheduleRow } from './row.ts';

type Rows = mongo.Collection<ScheduleRow>;

/** What follows a claim that came to its end. */
export type Settlement =
  /** Done, for good. */
  | { readonly to: 'gone' }
  /** Done; armed anew. */
  | {
      readonly to: 'next';
      readonly dueAt: Date;
      readonly relative: boolean;
      readonly payload?: ScheduleRow['payload'];
      /** What became of the occurrence, if it was not done. */
      readonly reason?: Reason;
    }
  /** The same arming again, later. */
  | { readonly to: 'retry'; readonly at: Date; readonly reason: Reason; readonly firstFailedAt: Date }
  /** Handed back as it was: the worker stops. */
  | { readonly to: 'return' }
  /** Kept as a record of what was not done. */
  | { readonly to: 'failed' | 'skipped'; readonly reason: Reason };

const FREE = { holder: null, claimed: null } as const;

function toChange(settlement: Exclude<Settlement, { to: 'gone' }>): mongo.UpdateFilter<ScheduleRow> {
  switch (settlement.to) {
    case 'next': {
      const { dueAt, relative, payload, reason } = settlement;
      const anew = { arming: newUlid(), attempt: 0, failures: 0, lapses: 0, firstFailedAt: null };
      const set = { ...FREE, ...anew, state: 'waiting' as const, at: dueAt, dueAt, relative };
      const $set = { ...set, ...(payload ? { payload } : {}), ...(reason ? { reason } : {}) };
      return reason ? { $set } : { $set, $unset: { reason: 1 } };
    }
    case 'retry': {
      const { at, reason, firstFailedAt } = settlement;
      const set = { ...FREE, state: 'waiting' as const, at, reason, firstFailedAt, relative: true };
      return { $set: set, $inc: { failures: 1 } };
    }
    case 'return':
      return { $set: { ...FREE, state: 'waiting' }, $inc: { attempt: -1 } };
    default:
      return { $set: { ...FREE, state: settlement.to, reason: settlement.reason }, $unset: { at: 1 } };
  }
}

/**
 * Ends a claim, if its lease is still ours: AppError LEASE_LOST when another worker has taken over. An arming that was set
 * meanwhile takes the place of whatever would have followed; of one that was cancelled nothing stays.
 */
export async function settle(
  rows: Rows,
  claim: Claim,
  settlement: Settlement,
  session: ClientSession | null = null,
): Promise<void> {
  // Set and cancelled in turns between our looks, it may be missed once; it is ours, so it does not stay so.
  while (!(await settleOnce(rows, claim, settlement, session)))
    if (!(await isHeld(rows, claim, session)))
      throw new AppError('LEASE_LOST', 'Another worker has taken this entry of the schedule over.', {
        extensions: { entry: claim.row._id },
      });
}

async function settleOnce(
  rows: Rows,
  { row: { _id }, fence, arming }: Claim,
  settlement: Settlement,
  session: ClientSession | null,
): Promise<boolean> {
  const options = session ? { session } : {};
  const held = { _id, state: 'running', fence } as const;
  const own = { ...held, arming };
  const settled =
    settlement.to === 'gone'
      ? (await rows.deleteOne(own, options)).deletedCount
      : (await rows.updateOne(own, toChange(settlement), options)).matchedCount;
  if (settled === 1) return true;
  if ((await rows.deleteOne({ ...held, arming: null }, options)).deletedCount === 1) return true;
  const replaced = { ...held, arming: { $nin: [arming, null] } };
  return (await rows.updateOne(replaced, { $set: { ...FREE, state: 'waiting' } }, options)).matchedCount === 1;
}

/** Whether a claim is still to be settled by us. */
export async function isHeld(
  rows: Rows,
  { row: { _id }, fence }: Claim,
  session: ClientSession | null = null,
): Promise<boolean> {
  const options = { projection: { _id: 1 }, ...(session ? { session } : {}) };
  return (await rows.findOne({ _id, state: 'running', fence }, options)) !== null;
}
