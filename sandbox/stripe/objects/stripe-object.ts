/** An object of the Stripe API as JSON. https://docs.stripe.com/api */
export interface StripeObject {
  readonly id: string;
  /** Its kind: `customer`, `invoice`… */
  readonly object: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly [field: string]: unknown;
}

/** Text to text, as Stripe keeps it on most objects. */
export type Metadata = Readonly<Record<string, string>>;

/** A page as the API gives it. */
export interface StripeList<Item> {
  readonly object: 'list';
  readonly url: string;
  readonly has_more: boolean;
  readonly data: readonly Item[];
}

/** The API version the sandbox speaks, whatever version a caller asks for. */
export const API_VERSION = '2026-08-26.dahlia';

/** A whole list, as objects embed it. */
export function toList<Item>(url: string, data: readonly Item[]): StripeList<Item> {
  return { object: 'list', url, has_more: false, data };
}
