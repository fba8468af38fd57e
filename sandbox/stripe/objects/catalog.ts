import type { Metadata, StripeObject } from './stripe-object.ts';

/** How often a price is paid. */
export interface Recurring {
  readonly interval: 'day' | 'week' | 'month' | 'year';
  readonly interval_count: number;
}

/** https://docs.stripe.com/api/products/object */
export interface Product extends StripeObject {
  readonly object: 'product';
  readonly name: string;
  readonly active: boolean;
  readonly metadata: Metadata;
}

/** https://docs.stripe.com/api/prices/object */
export interface Price extends StripeObject {
  readonly object: 'price';
  readonly currency: string;
  readonly product: string;
  readonly nickname: string | null;
  readonly unit_amount: number;
  readonly recurring: (Recurring & { readonly [field: string]: unknown }) | null;
}

/** A product, complete. */
export function buildProduct(draft: {
  readonly id: string;
  readonly created: number;
  readonly name: string;
  readonly description?: string | undefined;
  readonly active?: boolean | undefined;
  readonly metadata?: Metadata | undefined;
}): Product {
  return {
    id: draft.id,
    object: 'product',
    active: draft.active ?? true,
    created: draft.created,
    default_price: null,
    description: draft.description ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: draft.metadata ?? {},
    name: draft.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    type: 'service',
    unit_label: null,
    updated: draft.created,
    url: null,
  };
}

/** A price, complete: so much for one unit. */
export function buildPrice(draft: {
  readonly id: string;
  readonly created: number;
  readonly currency: string;
  readonly product: string;
  readonly unitAmount: number;
  readonly nickname?: string | undefined;
  readonly recurring?: Recurring | undefined;
  readonly metadata?: Metadata | undefined;
}): Price {
  const { recurring } = draft;
  return {
    id: draft.id,
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: draft.created,
    currency: draft.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: draft.metadata ?? {},
    nickname: draft.nickname ?? null,
    product: draft.product,
    recurring: recurring ? { ...recurring, meter: null, trial_period_days: null, usage_type: 'licensed' } : null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: draft.unitAmount,
    unit_amount_decimal: String(draft.unitAmount),
  };
}
