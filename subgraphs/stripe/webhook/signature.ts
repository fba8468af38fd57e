import { hmacMatches, isFresh } from '../../kit/webhook-signature.ts';

/** Stripe's own tolerance, here in both directions. https://docs.stripe.com/webhooks#replay-attacks */
const TOLERANCE_MS = 300_000;

/** A webhook and who may have signed it. */
export interface SignedWebhook {
  /** `Stripe-Signature`: `t=…,v1=…`, several `v1` while a secret is rolled. */
  readonly header: string | undefined;
  readonly body: Uint8Array;
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether one of the secrets signed these very bytes within the last or next 300 s. Never throws. https://docs.stripe.com/webhooks#verify-manually */
export function isSigned({ header, body, secrets, now }: SignedWebhook): boolean {
  const items = (header ?? '').split(',').map((item) => item.trim());
  const valuesOf = (scheme: string) =>
    items.filter((item) => item.startsWith(`${scheme}=`)).map((item) => item.slice(scheme.length + 1));
  const [timestamp = '', ...others] = valuesOf('t');
  const candidates = valuesOf('v1');
  if (others.length > 0 || !/^\d{1,12}$/.test(timestamp) || candidates.length === 0) return false;
  const matches = hmacMatches({ secrets, signed: [`${timestamp}.`, body], encoding: 'hex', candidates });
  return matches && isFresh(Number(timestamp) * 1_000, now, TOLERANCE_MS);
}
