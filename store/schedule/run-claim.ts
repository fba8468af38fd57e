import type { ClientSession } from 'mongoose';
import { backoffMs, pause } from '../../events/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Claim } from './claim.ts';
import { isLeaseLost, type KeepOptions, keepLease } from './keep-lease.ts';
import { judgeLateness, type Verdict } from './lateness.ts';
import { type FailureOptions, type Rearm, toDone, toFailed, toSkipped } from './outcome.ts';
import type { EntryName, ScheduleRow } from './row.ts';
import { isHeld, type Settlement, settle } from './settle.ts';

/** What a handler is called with. */
export interface ScheduledCall extends EntryName {
  readonly payload: ScheduleRow['payload'];
  /** When this occurrence was due. */
  readonly dueAt: Date;
  /** The id of this occurrence, the same in each try: what an idempotency key is made of. */
  readonly arming: string;
  /** 1, 2, … A worker that vanished counts too. */
  readonly attempt: number;
  /** Rises with every claim: whoever keeps the highest fence it has seen of a key can refuse a worker that was thought dead. */
  readonly fence: number;
  /** By how much the clock is past `dueAt`. */
  readonly lateByMs: number;
  /** Later occurrences that this run stands for too (policy `once`). */
  readonly missed: number;
  /** Aborts when the lease is lost (LEASE_LOST), the entry cancelled (CONFLICT), or the worker stops (SHUTTING_DOWN). */
  readonly signal: AbortSignal;
  /**
   * Settles the entry within a transaction of the handler's own, so that its effect and the entry's end are one: exactly
   * once. AppError LEASE_LOST when another worker has taken over. Optional: else it is settled when the handler resolves.
   */
  settle(session: ClientSession, next?: Rearm): Promise<void>;
}

/**
 * Does what is due. Resolving settles the entry: what it answers decides when it comes again, else its recurrence does.
 * Throwing tries again with back-off, then gives up (`Patience`). It may be called more than once for one `arming`.
 */
export type ScheduleHandler =
  | ((call: ScheduledCall) => Promise<Rearm | undefined>)
  | ((call: ScheduledCall) => Promise<void>);

/** What a claim is run with. */
export interface RunOptions extends FailureOptions, KeepOptions {
  readonly handler: ScheduleHandler;
  readonly clock: Clock;
  /** The worker stops: what fails from then on is handed back. */
  readonly stop: AbortSignal;
}

type RunVerdict = Extract<Verdict, { action: 'run' }>;

/** Runs a claimed entry to its end, keeping its lease meanwhile. Never rejects; what goes wrong stands in the entry and in the log. */
export async function runClaim(options: RunOptions, claim: Claim): Promise<void> {
  const { clock, logger } = options;
  const { _id: entry, dueAt, every, late } = claim.row;
  const verdict = judgeLateness({ dueAt: dueAt.getTime(), every, late, now: clock.now() });
  if (verdict.skipped > 0) logger.warn({ entry, skipped: verdict.skipped }, 'scheduled work came too late: skipped');
  const lease = keepLease(options, claim);
  try {
    const settlement =
      verdict.action === 'skip' ? toSkipped(verdict, clock) : await handle(options, claim, verdict, lease.signal);
    if (settlement) await settleStubbornly(options, claim, settlement, lease.signal);
  } catch (error) {
    logger.warn({ err: error, entry }, 'scheduled work is not settled: whoever has its lease next does it again');
  } finally {
    await lease.release();
  }
}

/** Calls the handler; answers what is still to be settled, null when the handler did. */
async function handle(
  options: RunOptions,
  claim: Claim,
  verdict: RunVerdict,
  lease: AbortSignal,
): Promise<Settlement | null> {
  const { rows, handler, stop } = options;
  let hasSettled = false;
  const settleIn: ScheduledCall['settle'] = async (session, next) => {
    hasSettled = true;
    await settle(rows, claim, toDone(verdict.next, next), session);
  };
  try {
    const signal = AbortSignal.any([lease, stop]);
    const next = (await handler(toCall(options, claim, verdict, signal, settleIn))) as Rearm | undefined;
    // The handler's transaction may have failed without its saying so.
    return hasSettled && !(await isHeld(rows, claim)) ? null : toDone(verdict.next, next);
  } catch (error) {
    if (isLeaseLost(lease)) throw error;
    if (stop.aborted) return { to: 'return' };
    // It was cancelled: nothing of it stays, whatever we ask for.
    return lease.aborted ? { to: 'gone' } : toFailed(options, claim.row, verdict.next, error);
  }
}

function toCall(
  { clock }: RunOptions,
  { row, fence, arming }: Claim,
  { dueAt, missed }: RunVerdict,
  signal: AbortSignal,
  settleIn: ScheduledCall['settle'],
): ScheduledCall {
  const { kind, tenant, key, payload, attempt } = row;
  const lateByMs = Math.max(0, clock.now() - dueAt);
  const facts = { kind, tenant, key, payload, arming, attempt, fence, missed };
  return { ...facts, dueAt: new Date(dueAt), lateByMs, signal, settle: settleIn };
}

/** An outage of the store must not make us repeat what is done: tried while the lease is ours. */
async function settleStubbornly(
  { rows, logger }: RunOptions,
  claim: Claim,
  settlement: Settlement,
  lease: AbortSignal,
): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await settle(rows, claim, settlement);
    } catch (error) {
      if (error instanceof AppError || isLeaseLost(lease)) throw error;
      logger.warn(
        { err: error, entry: claim.row._id, failures },
        'the end of scheduled work could not be written; again',
      );
      await pause(backoffMs(failures), new AbortController().signal);
    }
  }
}
