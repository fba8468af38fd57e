import type { Price } from './catalog.ts';
import type { Period } from './period.ts';
import { type Metadata, type StripeList, type StripeObject, toList } from './stripe-object.ts';

/** How an invoice is settled: charged to a payment method, or sent and waited for. */
export type CollectionMethod = 'charge_automatically' | 'send_invoice';

/** https://docs.stripe.com/api/subscription_items/object */
export interface SubscriptionItem extends StripeObject {
  readonly object: 'subscription_item';
  readonly price: Price;
  readonly quantity: number;
  readonly current_period_start: number;
  readonly current_period_end: number;
}

/** https://docs.stripe.com/api/subscriptions/object */
export interface Subscription extends StripeObject {
  readonly object: 'subscription';
  readonly customer: string;
  readonly status: string;
  readonly collection_method: CollectionMethod;
  readonly days_until_due: number | null;
  readonly cancel_at_period_end: boolean;
  readonly items: StripeList<SubscriptionItem>;
  readonly latest_invoice: string | null;
  readonly metadata: Metadata;
}

/** What a subscription is made of; the rest has Stripe's defaults. */
export interface SubscriptionDraft {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly status: string;
  readonly period: Period;
  readonly items: readonly { readonly id: string; readonly price: Price; readonly quantity: number }[];
  readonly collectionMethod: CollectionMethod;
  readonly daysUntilDue?: number | null | undefined;
  readonly latestInvoice?: string | null | undefined;
  readonly cancelAtPeriodEnd?: boolean | undefined;
  readonly endedAt?: number | null | undefined;
  readonly trialEnd?: number | null | undefined;
  readonly paymentMethod?: string | null | undefined;
  readonly metadata?: Metadata | undefined;
}

/** A subscription, complete. */
export function buildSubscription(draft: SubscriptionDraft): Subscription {
  const items = draft.items.map((item) => buildItem(draft, item));
  const endedAt = draft.endedAt ?? null;
  return {
    ...CONSTANTS,
    id: draft.id,
    object: 'subscription',
    billing_cycle_anchor: draft.period.start,
    cancel_at: draft.cancelAtPeriodEnd ? draft.period.end : null,
    cancel_at_period_end: draft.cancelAtPeriodEnd ?? false,
    canceled_at: endedAt,
    collection_method: draft.collectionMethod,
    created: draft.created,
    currency: draft.items[0]?.price.currency ?? 'usd',
    customer: draft.customer,
    days_until_due: draft.daysUntilDue ?? null,
    default_payment_method: draft.paymentMethod ?? null,
    ended_at: endedAt,
    items: toList(`/v1/subscription_items?subscription=${draft.id}`, items),
    latest_invoice: draft.latestInvoice ?? null,
    metadata: draft.metadata ?? {},
    start_date: draft.created,
    status: draft.status,
    trial_end: draft.trialEnd ?? null,
    trial_start: draft.trialEnd ? draft.created : null,
  };
}

function buildItem(draft: SubscriptionDraft, item: SubscriptionDraft['items'][number]): SubscriptionItem {
  return {
    id: item.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: draft.created,
    current_period_end: draft.period.end,
    current_period_start: draft.period.start,
    discounts: [],
    metadata: {},
    price: item.price,
    quantity: item.quantity,
    subscription: draft.id,
    tax_rates: [],
  };
}

/** What no subscription of the sandbox ever has otherwise. */
const CONSTANTS = {
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_mode: { type: 'classic', flexible: null },
  billing_schedules: [],
  billing_thresholds: null,
  cancellation_details: { comment: null, feedback: null, reason: null },
  customer_account: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
  livemode: false,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: 'off',
  },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
} as const;
