import type { mongo } from 'mongoose';
import { backoffMs, pause } from '../../events/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { isOfOtherProcess, newHolder } from '../holder.ts';
import { createLapseWatch, type LapseWatch } from '../lapse-watch.ts';
import { createWake, type Wake } from '../wake.ts';
import { type Claim, claimEntry, findWaiting, freeLapsed } from './claim.ts';
import { createSetBackWatch, pullForward } from './clock-back.ts';
import type { FailureOptions } from './outcome.ts';
import type { ScheduleRow } from './row.ts';
import { runClaim, type ScheduleHandler } from './run-claim.ts';

/** Waiting entries that are looked at when a worker starts, in case the clock was set back while there was none. */
const MOST_AT_START = 10_000;

/** How entries of a kind are handled. */
export interface ScheduleKind extends FailureOptions {
  readonly handler: ScheduleHandler;
  /** Entries that this worker runs at once. @default 8 */
  readonly concurrency?: number;
  /** Milliseconds without renewal after which another worker takes an entry over. @default 15000 */
  readonly leaseMs?: number;
  /** Workers that may vanish over an entry before it is given up. @default 5 */
  readonly maxLapses?: number;
}

/** What all kinds of a worker share. */
export interface KindOptions {
  readonly rows: mongo.Collection<ScheduleRow>;
  readonly clock: Clock;
  readonly steady: Clock;
  readonly logger: Logger;
  readonly pollMs: number;
  /** Whether no other process uses the database, so that a lease of one that was before us is nobody's. */
  readonly alone: boolean;
  /** Ends claiming. */
  readonly closing: AbortSignal;
  /** Aborts what runs. */
  readonly stop: AbortSignal;
}

/** The worker of one kind: claims and runs what is due, oldest first, until told to close. */
export class KindWorker {
  readonly #options: KindOptions & Required<Pick<ScheduleKind, 'concurrency' | 'leaseMs' | 'maxLapses'>>;
  readonly #name: string;
  readonly #kind: ScheduleKind;
  readonly #holder = newHolder();
  readonly #wake: Wake;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wasSetBack: () => boolean | 'unknown';
  readonly #watch: LapseWatch;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isContended = false;
  /** Settles once it claims no more and what it ran has ended. */
  readonly ended: Promise<void>;

  constructor(options: KindOptions, name: string, kind: ScheduleKind) {
    const { concurrency = 8, leaseMs = 15_000, maxLapses = 5 } = kind;
    this.#options = { ...options, concurrency, leaseMs, maxLapses };
    this.#name = name;
    this.#kind = kind;
    this.#wake = createWake(options.closing);
    this.#wasSetBack = createSetBackWatch(options.clock, options.steady);
    this.#watch = createLapseWatch({ leaseMs, steady: options.steady });
    this.ended = this.#work();
  }

  /** Something was armed: look now. */
  wake(): void {
    this.#wake.now();
  }

  async #work(): Promise<void> {
    const { closing, pollMs, logger } = this.#options;
    for (let failures = 0; !closing.aborted; ) {
      try {
        const idleMs = await this.#look();
        failures = 0;
        if (idleMs > 0) await this.#wake.within(Math.min(pollMs, Math.ceil(idleMs)));
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, kind: this.#name, failures }, 'the schedule could not be read; again');
        await pause(backoffMs(failures), closing);
      }
    }
    await Promise.all(this.#running.values());
  }

  /** One look: takes over what was abandoned, claims what is due. Answers for how long to sleep; 0: look again at once. */
  async #look(): Promise<number> {
    const { rows, clock, steady, concurrency, leaseMs } = this.#options;
    const wasSetBack = this.#wasSetBack();
    if (wasSetBack) await this.#pullForward(wasSetBack === 'unknown' ? MOST_AT_START : 0);
    if (steady.now() - this.#lookedAt >= leaseMs / 4) await this.#takeOver();
    const free = concurrency - this.#running.size;
    if (free <= 0) return leaseMs / 4;
    // Where others claim too, all of us see the same first entries: look at more, and begin somewhere among them.
    const waiting = await findWaiting(rows, this.#name, this.#isContended ? free * 4 : free);
    const due = waiting.filter(({ at }) => at && at.getTime() <= clock.now());
    const next = waiting[due.length]?.at?.getTime() ?? Number.POSITIVE_INFINITY;
    if (due.length === 0) return Math.max(1, Math.min(next - clock.now(), leaseMs / 4));
    await this.#claim(this.#isContended ? rotate(due).slice(0, free) : due);
    return 0;
  }

  async #pullForward(limit: number): Promise<void> {
    const { rows, clock, logger } = this.#options;
    const moved = await pullForward(rows, this.#name, { now: clock.now(), limit });
    if (moved > 0)
      logger.warn({ kind: this.#name, moved }, 'the clock was set back; what waited for too long is put right');
  }

  async #takeOver(): Promise<void> {
    const { steady, alone, logger } = this.#options;
    this.#lookedAt = steady.now();
    const isOwn = (row: ScheduleRow) => row.holder === this.#holder && this.#running.has(row._id);
    const isOrphan = (row: ScheduleRow) => alone && isOfOtherProcess(row.holder);
    const freed = await freeLapsed({ ...this.#options, kind: this.#name, watch: this.#watch, isOwn, isOrphan });
    for (const { _id: entry, fence, holder } of freed)
      logger.warn({ entry, fence, holder }, 'the worker of scheduled work is gone; its lease is free');
  }

  async #claim(due: readonly ScheduleRow[]): Promise<void> {
    const options = { ...this.#options, holder: this.#holder };
    const outcomes = await Promise.allSettled(
      due.map(async (row) => {
        const claim = await claimEntry(options, row);
        if (claim) this.#run(claim);
        return claim !== null;
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    this.#isContended = outcomes.some((outcome) => outcome.status === 'fulfilled' && !outcome.value);
  }

  #run(claim: Claim): void {
    const { _id } = claim.row;
    const done = runClaim({ ...this.#kind, ...this.#options }, claim).finally(() => {
      this.#running.delete(_id);
      this.#wake.now();
    });
    this.#running.set(_id, done);
  }
}

function rotate<Item>(items: readonly Item[]): Item[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
