import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';

/** How long is waited, in milliseconds: a broker that just started loads its groups, and its partitions have leaders, after some seconds. */
const PATIENCE_MS = 8_000;

/**
 * Runs again, with back-off, while kafkajs calls the failure one that passes (and, if told, its `type` is such a one);
 * throws the last one.
 */
export async function withPatience<Result>(run: () => Promise<Result>, types?: RegExp): Promise<Result> {
  const until = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const { retriable, type = '' } = error as { retriable?: boolean; type?: string };
      const passes = retriable === true && (types?.test(type) ?? true);
      if (!passes || performance.now() > until) throw error;
      await wait(backoffMs(attempt, { firstMs: 100, maxMs: 1_000 }));
    }
  }
}
