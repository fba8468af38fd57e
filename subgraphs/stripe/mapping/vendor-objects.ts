import { z } from 'zod';

/** Seconds since the epoch, as Stripe writes moments. */
const seconds = z.int().min(0).max(99_999_999_999);
const minor = z.int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const currency = z.string().regex(/^[a-z]{3}$/);
const id = z.string().min(1).max(255);

/** A reference: an id, or the whole object where the sender expanded it. */
const reference = z
  .union([id, z.looseObject({ id })])
  .transform((value) => (typeof value === 'string' ? value : value.id));

/** What is read of https://docs.stripe.com/api/customers/object */
export const customerObject = z.looseObject({
  id,
  object: z.literal('customer'),
  created: seconds,
  name: z.string().nullish(),
  email: z.string().nullish(),
  currency: currency.nullish(),
  balance: minor.nullish(),
  delinquent: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

const price = z.looseObject({
  id,
  product: reference,
  currency,
  nickname: z.string().nullish(),
  unit_amount: minor.nullish(),
  recurring: z
    .looseObject({ interval: z.enum(['day', 'week', 'month', 'year']), interval_count: z.int().min(1) })
    .nullish(),
});

/** What is read of https://docs.stripe.com/api/subscriptions/object */
export const subscriptionObject = z.looseObject({
  id,
  object: z.literal('subscription'),
  created: seconds,
  customer: reference,
  currency,
  status: z.enum([
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'canceled',
    'unpaid',
    'paused',
  ]),
  start_date: seconds,
  cancel_at_period_end: z.boolean(),
  canceled_at: seconds.nullish(),
  ended_at: seconds.nullish(),
  /** Before API version 2025-03-31 the period stood here, and not on the items. */
  current_period_start: seconds.nullish(),
  current_period_end: seconds.nullish(),
  items: z.looseObject({
    data: z.array(
      z.looseObject({
        id,
        quantity: z.int().nullish(),
        price,
        current_period_start: seconds.nullish(),
        current_period_end: seconds.nullish(),
      }),
    ),
  }),
});

/** What is read of https://docs.stripe.com/api/invoices/object */
export const invoiceObject = z.looseObject({
  id,
  object: z.literal('invoice'),
  created: seconds,
  customer: reference,
  currency,
  number: z.string().nullish(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']),
  total: minor,
  amount_due: minor,
  amount_paid: minor,
  amount_remaining: minor,
  due_date: seconds.nullish(),
  hosted_invoice_url: z.string().nullish(),
  status_transitions: z.looseObject({
    finalized_at: seconds.nullish(),
    paid_at: seconds.nullish(),
    voided_at: seconds.nullish(),
  }),
  parent: z.looseObject({ subscription_details: z.looseObject({ subscription: reference }).nullish() }).nullish(),
  /** Where the subscription stood before API version 2025-03-31. */
  subscription: reference.nullish(),
  lines: z.looseObject({
    data: z.array(
      z.looseObject({
        id,
        amount: minor,
        currency,
        description: z.string().nullish(),
        quantity: z.int().nullish(),
      }),
    ),
  }),
});

/** What is read of https://docs.stripe.com/api/events/object */
export const eventObject = z.looseObject({
  id,
  type: z.string().min(1).max(255),
  created: seconds,
  data: z.looseObject({ object: z.looseObject({ object: z.string() }) }),
});
