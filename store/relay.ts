import type { Connection, mongo } from 'mongoose';
import { backoffMs, pause } from '../events/backoff.ts';
import type { Bus } from '../events/bus.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import { Lease } from './lease.ts';
import { OUTBOX, type OutboxRow } from './outbox-row.ts';
import { readBatch, relayBatch } from './relay-batch.ts';
import { StalledTopics } from './stalled-topics.ts';
import { steadyClock } from './steady-clock.ts';
import { createWake, type Wake } from './wake.ts';
import { watchInserts } from './watch-inserts.ts';

/** What the relay works on. */
export interface RelayOptions {
  readonly connection: Connection;
  readonly bus: Bus;
  readonly clock?: Clock;
  /** By which its lease is measured. @default steadyClock */
  readonly steady?: Clock;
  readonly logger?: Logger;
  /** Most rows held in memory and published at once, 8 MB of values at most. @default 500 */
  readonly batch?: number;
  /** How long it waits when no change stream wakes it, in milliseconds. @default 1000 */
  readonly pollMs?: number;
  /** Milliseconds without a sign of the relay that works, after which another takes its place. @default 4000 */
  readonly leaseMs?: number;
  /** `Store.alone`: then a relay that was killed before us is not waited for. @default false */
  readonly alone?: boolean;
}

/** A running relay. */
export interface Relay {
  /** Ends after the batch under way; another relay may go on at once. */
  close(): Promise<void>;
}

/** The life of a relay. */
class RelayWork {
  readonly #options: Required<Omit<RelayOptions, 'connection' | 'alone'>>;
  readonly #rows: mongo.Collection<OutboxRow>;
  readonly #lease: Lease;
  readonly #stalled: StalledTopics;
  readonly #stop: AbortSignal;
  readonly #wake: Wake;

  constructor(options: Required<RelayOptions>, stop: AbortSignal) {
    this.#options = options;
    this.#rows = options.connection.collection<OutboxRow>(OUTBOX);
    this.#lease = new Lease({ ...options, name: 'relay' });
    this.#stalled = new StalledTopics(options.steady);
    this.#stop = stop;
    this.#wake = createWake(stop);
  }

  /** Works until it is stopped, and gives the lease back. */
  async run(): Promise<void> {
    const { logger } = this.#options;
    const watching = watchInserts(this.#rows, { onInsert: this.#wake.now, signal: this.#stop, logger });
    for (let failures = 0; !this.#stop.aborted; ) {
      try {
        const idleMs = await this.#relay();
        failures = 0;
        if (idleMs > 0) await this.#wake.within(idleMs);
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, failures }, 'the outbox could not be relayed; again');
        await pause(backoffMs(failures), this.#stop);
      }
    }
    await this.#lease
      .release()
      .catch((error) => logger.warn({ err: error }, 'the relay could not give its lease back'));
    await watching;
  }

  /** One batch. Answers for how long to sleep; 0: there may be more. */
  async #relay(): Promise<number> {
    const { batch: limit, pollMs, leaseMs, steady } = this.#options;
    const tenure = this.#lease.fence;
    const resting = this.#stalled.resting();
    const startedAt = steady.now();
    const batch = await readBatch(this.#rows, limit, resting);
    if (batch.length === 0 && resting.length === 0) {
      this.#lease.rest();
      return pollMs;
    }
    if (!(await this.#lease.hold())) return Math.min(pollMs, leaseMs / 4);
    if (batch.length === 0) {
      // What rests was read over. However much that is, it must not take more than a part of the store's time.
      await pause(Math.min(pollMs, 4 * (steady.now() - startedAt)), this.#stop);
      return Math.min(pollMs, leaseMs / 4, this.#stalled.untilNext());
    }
    // Read before it was ours: another relay may have sent some of it since.
    if (this.#lease.fence !== tenure) return 0;
    const parts = { ...this.#options, rows: this.#rows, stalled: this.#stalled };
    const isSettled = await this.#lease.during(() => relayBatch(parts, batch));
    return isSettled && batch.length < limit ? pollMs : 0;
  }
}

/**
 * Publishes what the outbox holds, oldest first, and removes each row after the bus acknowledged it: at least once, in
 * order per subject. It always begins with the oldest row there is, so a transaction that commits late is not passed
 * over. A commit wakes it through a change stream, polling is the fallback. A topic that the bus does not take is tried
 * again after 50 ms to 5 s while the others go on; meanwhile its rows gather in the database.
 *
 * Run as many as you like: one works, by a lease that it proves right before each batch, the others stand by. What is left:
 * a relay that stands still for a whole lease between that proof and the broker's taking of the batch (at most) repeats
 * events that its successor has sent, after later ones. They have the ids and versions they had.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const defaults = { clock: systemClock, steady: steadyClock, batch: 500, pollMs: 1_000, leaseMs: 4_000, alone: false };
  const logger = (options.logger ?? silentLogger).child({ part: 'relay' });
  const stop = new AbortController();
  const working = new RelayWork({ ...defaults, ...options, logger }, stop.signal).run();
  return {
    close: async () => {
      stop.abort();
      await working;
    },
  };
}
