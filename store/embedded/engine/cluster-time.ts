import { Timestamp } from 'bson';
import type { Clock } from '../../../lib/clock.ts';

/** The logical time of the one-member replica set: rises with every commit, never falls back with the clock. */
export class ClusterTime {
  readonly #clock: Clock;
  #seconds: number;
  #increment = 1;

  /** `after` is the last time that was ever given out. */
  constructor(clock: Clock, after: Timestamp | null) {
    this.#clock = clock;
    this.#seconds = Math.max(Math.floor(clock.now() / 1000), (after?.t ?? 0) + 1);
  }

  /** The time of the last commit. */
  get latest(): Timestamp {
    return new Timestamp({ t: this.#seconds, i: this.#increment });
  }

  /** A time later than all before. */
  next(): Timestamp {
    const now = Math.floor(this.#clock.now() / 1000);
    if (now > this.#seconds) {
      this.#seconds = now;
      this.#increment = 1;
    } else this.#increment += 1;
    return this.latest;
  }
}
