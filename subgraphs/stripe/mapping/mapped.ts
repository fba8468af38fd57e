import { toVendorId } from '../../kit/vendor-id.ts';

/** The kinds of objects that are mirrored. */
export type Noun = 'customer' | 'subscription' | 'invoice';

/** A vendor's object as the mirror takes it. */
export interface Mapped {
  readonly noun: Noun;
  readonly id: string;
  readonly externalId: string;
  readonly createdAt: Date;
  /** The customer it belongs to, by Stripe's id; null for customers themselves. */
  readonly customer: string | null;
  /** Stored and compared field by field. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The opaque id of a Stripe object. */
export function stripeId(connection: string, externalId: string): string {
  return toVendorId({ vendor: 'stripe', connection, externalId });
}
