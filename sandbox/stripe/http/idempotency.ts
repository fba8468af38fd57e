import { createHash } from 'node:crypto';
import { StripeFailure } from '../failure.ts';
import type { Ledger } from '../ledger.ts';

/** An answer as it was first given. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Kept extends Answer {
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Keys are forgotten after a day, the least that Stripe promises. https://docs.stripe.com/api/idempotent_requests */
const KEPT_MS = 86_400_000;

/** The answers given under idempotency keys, an account at a time. */
export interface Idempotency {
  /** The first answer under the key, or null. Refuses the key when it came with another request. */
  recall(key: string, fingerprint: string): Answer | null;
  keep(key: string, fingerprint: string, answer: Answer): void;
}

/** The keys of one account, in the ledger. */
export function openIdempotency(ledger: Ledger, account: string, now: number): Idempotency {
  const kept = ledger.database<Kept>('idempotency');
  const place = (key: string) => [account, createHash('sha256').update(key).digest('hex')];
  return {
    recall: (key, fingerprint) => {
      const known = kept.get(place(key));
      if (!known || now - known.at > KEPT_MS) return null;
      if (known.fingerprint === fingerprint) return known;
      throw new StripeFailure(
        400,
        'Keys for idempotent requests can only be used with the same parameters they were first used with.',
        { type: 'idempotency_error' },
      );
    },
    keep: (key, fingerprint, { status, body }) => kept.putSync(place(key), { fingerprint, at: now, status, body }),
  };
}

/** What makes two requests the same. */
export function fingerprintOf(method: string, path: string, body: string): string {
  return createHash('sha256').update(`${method} ${path}\n${body}`).digest('hex');
}
