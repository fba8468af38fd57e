import type { StripeObject } from '../objects/stripe-object.ts';

/** The scopes under which an object is listed besides its kind: its customer's. */
export function scopesOf({ object, customer }: StripeObject): string[] {
  return ['invoice', 'subscription', 'invoiceitem'].includes(object) && typeof customer === 'string'
    ? [`customer:${customer}`]
    : [];
}
