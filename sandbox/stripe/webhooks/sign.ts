import { createHmac } from 'node:crypto';

/** The `Stripe-Signature` of a body at a moment (seconds). https://docs.stripe.com/webhooks#verify-manually */
export function signatureHeader(body: string, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
