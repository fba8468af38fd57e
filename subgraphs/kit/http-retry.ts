const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** Statuses after which the same request may be answered: a timeout, a lock that is held, too many requests, a fault. RFC 9110. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** How long to pause after the n-th attempt (from 1), in milliseconds: exponential with full jitter, 8 s at most. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

/** What `Retry-After` asks for in milliseconds, from now on; null when it is absent or unreadable. RFC 9110 §10.2.3. */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | null {
  const value = headers.get('retry-after')?.trim();
  if (!value) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : Math.max(0, moment - now);
}
