import { backoffMs } from '../events/backoff.ts';
import type { Clock } from '../lib/clock.ts';

/** Topics that the bus does not take now: each is tried again on its own, so that none holds up the others. */
export class StalledTopics {
  readonly #steady: Clock;
  readonly #stalls = new Map<string, { failures: number; until: number }>();

  constructor(steady: Clock) {
    this.#steady = steady;
  }

  /** Notes a failure; answers how many there were in a row. */
  fail(topic: string): number {
    const failures = (this.#stalls.get(topic)?.failures ?? 0) + 1;
    this.#stalls.set(topic, { failures, until: this.#steady.now() + backoffMs(failures) });
    return failures;
  }

  /** Notes that the bus takes it. */
  succeed(topic: string): void {
    this.#stalls.delete(topic);
  }

  /** Those that are not to be tried yet. */
  resting(): string[] {
    const now = this.#steady.now();
    return [...this.#stalls].filter(([, { until }]) => until > now).map(([topic]) => topic);
  }

  /** Milliseconds until the first of them is to be tried again; infinite when there is none. */
  untilNext(): number {
    const untils = [...this.#stalls.values()].map(({ until }) => until - this.#steady.now());
    return Math.max(1, Math.min(...untils, Number.POSITIVE_INFINITY));
  }
}
