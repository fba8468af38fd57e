import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { StripeFailure } from '../failure.ts';
import {
  expandable,
  flag,
  integer,
  isCreatedWithin,
  mergeMetadata,
  metadata,
  paging,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/route.ts';
import type { Price, Recurring } from '../objects/catalog.ts';
import type { Customer } from '../objects/customer.ts';
import { addInterval } from '../objects/period.ts';
import type { Subscription } from '../objects/subscription.ts';
import { cancel, startSubscription } from './subscription-life.ts';

const createFields = z.strictObject({
  ...expandable,
  customer: text,
  items: z
    .array(z.strictObject({ price: text, quantity: integer.pipe(z.number().min(0)).optional() }))
    .min(1)
    .max(20),
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  days_until_due: integer.optional(),
  default_payment_method: text.optional(),
  trial_period_days: integer.pipe(z.number().min(1).max(730)).optional(),
  cancel_at_period_end: flag.optional(),
  metadata: metadata.optional(),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
});
const updateFields = z.strictObject({
  ...expandable,
  cancel_at_period_end: flag.optional(),
  default_payment_method: text.optional(),
  metadata: metadata.optional(),
});
const listFields = z.strictObject({
  ...paging,
  customer: text.optional(),
  status: z
    .enum([
      'active',
      'all',
      'canceled',
      'ended',
      'incomplete',
      'incomplete_expired',
      'past_due',
      'paused',
      'trialing',
      'unpaid',
    ])
    .optional(),
});
const cancelFields = z.strictObject({ ...expandable, invoice_now: flag.optional(), prorate: flag.optional() });

/** https://docs.stripe.com/api/subscriptions */
export const subscriptions: readonly Route[] = [
  route('POST', '/v1/subscriptions', createFields, createSubscription),
  route('GET', '/v1/subscriptions', listFields, (desk, given) =>
    desk.page<Subscription>('subscription', given, {
      url: '/v1/subscriptions',
      scope: given.customer ? `customer:${given.customer}` : undefined,
      where: ({ created, status }) => isCreatedWithin(created, given.created) && hasStatus(status, given.status),
    }),
  ),
  route('GET', '/v1/subscriptions/:id', z.strictObject(expandable), (desk, _given, id) =>
    desk.need<Subscription>('subscription', id),
  ),
  route('POST', '/v1/subscriptions/:id', updateFields, (desk, given, id) => {
    const subscription = desk.need<Subscription>('subscription', id);
    const ending = given.cancel_at_period_end ?? subscription.cancel_at_period_end;
    const next = {
      ...subscription,
      cancel_at_period_end: ending,
      cancel_at: ending ? (subscription.items.data[0]?.current_period_end ?? null) : null,
      canceled_at: ending ? (subscription['canceled_at'] ?? desk.now) : null,
      default_payment_method: given.default_payment_method ?? subscription['default_payment_method'],
      metadata: mergeMetadata(subscription.metadata, given.metadata),
    };
    return desk.change(subscription, next, 'customer.subscription.updated');
  }),
  route('DELETE', '/v1/subscriptions/:id', cancelFields, (desk, _given, id) => {
    const subscription = desk.need<Subscription>('subscription', id);
    if (subscription.status === 'canceled')
      throw new StripeFailure(404, `No such subscription: ${id}`, { code: 'resource_missing', param: 'id' });
    return cancel(desk, subscription);
  }),
];

function createSubscription(desk: Desk, given: z.output<typeof createFields>): Subscription {
  const customer = desk.need<Customer>('customer', given.customer, 'customer');
  const items = given.items.map(({ price, quantity = 1 }, index) => ({
    id: desk.newId('si'),
    price: desk.need<Price>('price', price, `items[${index}][price]`),
    quantity,
  }));
  const [first] = items;
  if (!first?.price.recurring)
    throw new StripeFailure(400, 'The price must be recurring.', { param: 'items[0][price]' });
  const collectionMethod = given.collection_method ?? 'charge_automatically';
  if (collectionMethod === 'send_invoice' && given.days_until_due === undefined)
    throw new StripeFailure(400, 'Missing required param: days_until_due.', {
      code: 'parameter_missing',
      param: 'days_until_due',
    });
  const trialEnd = given.trial_period_days ? desk.now + given.trial_period_days * 86_400 : null;
  return startSubscription(desk, {
    customer: customer.id,
    items,
    collectionMethod,
    period: { start: desk.now, end: trialEnd ?? addInterval(desk.now, first.price.recurring as Recurring) },
    daysUntilDue: given.days_until_due,
    cancelAtPeriodEnd: given.cancel_at_period_end,
    paymentMethod: given.default_payment_method,
    trialEnd,
    metadata: mergeMetadata({}, given.metadata),
  });
}

/** Without a status asked for, all but the canceled are listed. */
function hasStatus(status: string, asked: string | undefined): boolean {
  if (asked === 'all') return true;
  if (asked === 'ended') return status === 'canceled' || status === 'incomplete_expired';
  return asked === undefined ? status !== 'canceled' : status === asked;
}
