import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';

/** How long a group is tried to be joined for the first time, in milliseconds: a broker that just started loads its groups first. */
const JOIN_MS = 8_000;

/** Runs again, with back-off, while kafkajs calls the failure one that passes; throws the last one. */
export async function withPatience<Result>(run: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + JOIN_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || performance.now() > until) throw error;
      await wait(backoffMs(attempt, { firstMs: 100, maxMs: 1_000 }));
    }
  }
}
