import type { Clock } from '../../lib/clock.ts';

/** setTimeout's own bound; a longer wait is taken in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls `onExpiry` once the clock has come to `expiresAt` (milliseconds since the epoch), never at once; answers how to stop waiting. */
export function watchExpiry(expiresAt: number, clock: Clock, onExpiry: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = expiresAt - clock.now();
    if (left <= 0) return onExpiry();
    timer = setTimeout(wait, Math.min(left, MAX_TIMER_MS));
    timer.unref();
  };
  timer = setTimeout(wait, 0);
  return () => clearTimeout(timer);
}
