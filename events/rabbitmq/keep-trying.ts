import type { Logger } from '../../lib/logger.ts';
import { backoffMs, pause } from '../backoff.ts';

/** Longest pause before a reader tries to come back. */
const LONGEST_MS = 2_000;
/** What ran for so long begins again without a pause worth the name. */
const STEADY_MS = 10_000;

/** Runs again and again, with back-off, until the signal aborts. Never rejects: what goes wrong is logged. */
export async function keepTrying(options: {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** What is tried, for the log. */
  readonly what: object;
  /** Resolves when it ended and is to begin again. */
  readonly run: () => Promise<void>;
}): Promise<void> {
  const { signal, logger, what, run } = options;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const began = performance.now();
    try {
      await run();
    } catch (error) {
      if (!signal.aborted) logger.warn({ ...what, attempt, err: error }, 'reading from RabbitMQ broke; again');
    }
    if (performance.now() - began > STEADY_MS) attempt = 1;
    if (!signal.aborted) await pause(backoffMs(attempt, { firstMs: 50, maxMs: LONGEST_MS }), signal);
  }
}
