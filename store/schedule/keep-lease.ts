import type { mongo } from 'mongoose';
import { pause } from '../../events/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Claim, renewClaim } from './claim.ts';
import type { ScheduleRow } from './row.ts';

/** The lease of a claim while it is run. */
export interface KeptLease {
  /** Aborts with LEASE_LOST when it is lost, or could not be renewed for its whole time; with CONFLICT when the entry was cancelled. */
  readonly signal: AbortSignal;
  /** Renews no more. */
  release(): Promise<void>;
}

/** What a lease is kept with. */
export interface KeepOptions {
  readonly rows: mongo.Collection<ScheduleRow>;
  readonly leaseMs: number;
  readonly steady: Clock;
  readonly logger: Logger;
}

/** Renews the lease of a claim each third of its time. */
export function keepLease(options: KeepOptions, claim: Claim): KeptLease {
  const { leaseMs, steady } = options;
  const ended = new AbortController();
  const over = new AbortController();
  const renewing = renew();

  async function renew(): Promise<void> {
    for (let renewedAt = claim.since; await pause(leaseMs / 3, ended.signal); ) {
      const sentAt = steady.now();
      const held = await renewWithin(options, claim, renewedAt + leaseMs - sentAt, ended.signal);
      if (held === 'lost') return over.abort(new AppError('LEASE_LOST', 'The lease of this entry is lost.'));
      if (held === 'cancelled') over.abort(new AppError('CONFLICT', 'This entry was cancelled.'));
      if (held !== 'unknown') renewedAt = sentAt;
    }
  }

  const release = async () => {
    ended.abort();
    await renewing;
  };
  return { signal: over.signal, release };
}

/** A store that does not answer in the time that is left has lost us the lease, whatever it says later. */
async function renewWithin(
  { rows, logger }: KeepOptions,
  claim: Claim,
  leftMs: number,
  ended: AbortSignal,
): Promise<Awaited<ReturnType<typeof renewClaim>> | 'unknown'> {
  const answered = new AbortController();
  const renewal = renewClaim(rows, claim).catch((error) => {
    logger.warn({ err: error }, 'a lease of the schedule could not be renewed');
    return 'unknown' as const;
  });
  const tooLong = pause(Math.max(0, leftMs), AbortSignal.any([ended, answered.signal]));
  try {
    return await Promise.race([renewal, tooLong.then((passed) => (passed ? ('lost' as const) : renewal))]);
  } finally {
    answered.abort();
  }
}

/** Whether a signal says that the lease is lost: nothing may be written any more. */
export function isLeaseLost({ reason }: AbortSignal): boolean {
  return reason instanceof AppError && reason.code === 'LEASE_LOST';
}
