import { type Connection, mongo } from 'mongoose';
import { pause } from '../events/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { isOfOtherProcess, newHolder } from './holder.ts';
import { createLapseWatch, type LapseWatch } from './lapse-watch.ts';

/** The collection of the leases. */
export const LEASES = 'leases';

interface LeaseRow {
  readonly _id: string;
  /** Null once it was given back. */
  readonly holder: string | null;
  /** Rises with every change of hands. */
  readonly fence: number;
  /** Rises with every renewal. */
  readonly beat: number;
}

/** What a lease is made of. */
export interface LeaseOptions {
  readonly connection: Connection;
  /** What only one may do at a time, for example `relay`. */
  readonly name: string;
  /** Milliseconds without renewal after which another takes it over. */
  readonly leaseMs: number;
  readonly steady: Clock;
  /** Whether no other process uses the database: then one that a dead process held is free at once. */
  readonly alone: boolean;
  readonly logger: Logger;
}

/**
 * The right to do something alone, among all processes of a database. Nobody holds it by a time of day (see `LapseWatch`).
 * It is asked for, and renewed, only when there is something to do, so that an idle process writes nothing.
 */
export class Lease {
  readonly #rows: mongo.Collection<LeaseRow>;
  readonly #options: LeaseOptions;
  readonly #holder = newHolder();
  readonly #watch: LapseWatch;
  #fence: number | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#rows = options.connection.collection<LeaseRow>(LEASES);
    this.#watch = createLapseWatch(options);
  }

  /** The number of our tenure, which rises with every change of hands; null while another has it. */
  get fence(): number | null {
    return this.#fence;
  }

  /**
   * Whether it is ours now, and for two thirds of its time at least unless this process stands still. Renews it or takes it
   * when it can. While it is refused, ask again at least every quarter of its time: a holder that died must be watched.
   */
  async hold(): Promise<boolean> {
    if (this.#fence === null) return this.#take();
    const sentAt = this.#options.steady.now();
    if (sentAt - this.#renewedAt < this.#options.leaseMs / 3) return true;
    const own = { _id: this.#options.name, holder: this.#holder, fence: this.#fence };
    const { matchedCount } = await this.#rows.updateOne(own, { $inc: { beat: 1 } });
    if (matchedCount === 1) this.#renewedAt = sentAt;
    else this.#fence = null;
    return matchedCount === 1;
  }

  /** There is nothing to do: that the holder does not renew means nothing. */
  rest(): void {
    this.#watch.keep(new Set());
  }

  /** Renews it beside what runs. A lease that is lost meanwhile is told by the next `hold`. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    const done = new AbortController();
    const renewing = this.#renewUntil(done.signal);
    try {
      return await run();
    } finally {
      done.abort();
      await renewing;
    }
  }

  /** Gives it back, so that another may have it at once. */
  async release(): Promise<void> {
    if (this.#fence === null) return;
    const own = { _id: this.#options.name, holder: this.#holder, fence: this.#fence };
    this.#fence = null;
    await this.#rows.updateOne(own, { $set: { holder: null } });
  }

  async #renewUntil(done: AbortSignal): Promise<void> {
    const { leaseMs, logger, name } = this.#options;
    while (this.#fence !== null && (await pause(leaseMs / 3, done)))
      await this.hold().catch((error) => logger.warn({ err: error, lease: name }, 'a lease could not be renewed'));
  }

  async #take(): Promise<boolean> {
    const { name, steady } = this.#options;
    const row = await this.#rows.findOne({ _id: name });
    const sentAt = steady.now();
    const fence = (row?.fence ?? 0) + 1;
    const isTaken = row ? await this.#takeFrom(row) : await this.#takeFirst(name);
    if (!isTaken) return false;
    this.#fence = fence;
    this.#renewedAt = sentAt;
    this.#watch.keep(new Set());
    return true;
  }

  async #takeFrom({ _id, holder, fence, beat }: LeaseRow): Promise<boolean> {
    const isFree = holder === null || (this.#options.alone && isOfOtherProcess(holder));
    if (!isFree && !this.#watch.isLapsed(_id, `${fence}/${beat}`)) return false;
    const asRead = { _id, holder, fence, beat };
    const { matchedCount } = await this.#rows.updateOne(asRead, { $set: { holder: this.#holder }, $inc: { fence: 1 } });
    if (matchedCount === 1 && holder !== null)
      this.#options.logger.warn({ lease: _id, holder, fence: fence + 1 }, 'the holder of a lease is gone; taken over');
    return matchedCount === 1;
  }

  async #takeFirst(name: string): Promise<boolean> {
    const row: LeaseRow = { _id: name, holder: this.#holder, fence: 1, beat: 0 };
    try {
      await this.#rows.insertOne(row);
      return true;
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === 11_000) return false;
      throw error;
    }
  }
}
