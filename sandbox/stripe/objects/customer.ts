import type { Metadata, StripeObject } from './stripe-object.ts';

/** https://docs.stripe.com/api/customers/object */
export interface Customer extends StripeObject {
  readonly object: 'customer';
  readonly name: string | null;
  readonly email: string | null;
  readonly currency: string | null;
  readonly balance: number;
  readonly delinquent: boolean;
  readonly invoice_prefix: string;
  readonly next_invoice_sequence: number;
  readonly invoice_settings: { readonly default_payment_method: string | null; readonly [field: string]: unknown };
  readonly metadata: Metadata;
}

/** What a customer is made of; the rest has Stripe's defaults. */
export interface CustomerDraft {
  readonly id: string;
  readonly created: number;
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly currency?: string | null | undefined;
  readonly paymentMethod?: string | null | undefined;
  readonly metadata?: Metadata | undefined;
}

/** A customer, complete. */
export function buildCustomer(draft: CustomerDraft): Customer {
  return {
    id: draft.id,
    object: 'customer',
    address: null,
    balance: 0,
    created: draft.created,
    currency: draft.currency ?? null,
    default_source: null,
    delinquent: false,
    description: draft.description ?? null,
    discount: null,
    email: draft.email ?? null,
    invoice_prefix: draft.id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: draft.paymentMethod ?? null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: draft.metadata ?? {},
    name: draft.name ?? null,
    next_invoice_sequence: 1,
    phone: draft.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}
