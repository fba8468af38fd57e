import { setTimeout as wait } from 'node:timers/promises';

/** How long to wait before the next try. */
export interface BackoffOptions {
  /** Longest wait after the first failure, in milliseconds. @default 50 */
  readonly firstMs?: number;
  /** Longest wait ever, in milliseconds. @default 5000 */
  readonly maxMs?: number;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Milliseconds to wait after failure number `attempt` (from 1): doubling, with "equal jitter" (half fixed, half random),
 * so that many failing readers do not come back in step, and none at once.
 */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { firstMs = 50, maxMs = 5_000, random = Math.random } = options;
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

/** Waits, or less when the signal aborts; never throws. True when the whole time went by. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
