import type { z } from 'zod';
import type { ItemContent, SubscriptionContent } from '../mirror/rows.ts';
import { type Mapped, stripeId } from './mapped.ts';
import { readObject, toDate, toDateOrNull } from './read.ts';
import { subscriptionObject } from './vendor-objects.ts';

type Vendor = z.output<typeof subscriptionObject>;

/** How many of each interval make a month: an average month has a twelfth of 365 days. */
const PER_MONTH = { day: 365 / 12, week: 365 / 84, month: 1, year: 1 / 12 } as const;

/** A subscription of a connection. AppError EVENT_INVALID when it cannot be read. */
export function mapSubscription(connection: string, json: unknown): Mapped {
  const subscription = readObject(subscriptionObject, 'subscription', json);
  const items = subscription.items.data.map(toItem);
  const [first] = subscription.items.data;
  const content: SubscriptionContent = {
    customerId: stripeId(connection, subscription.customer),
    status: subscription.status,
    currency: subscription.currency,
    monthlyAmount: monthlyAmount(items),
    items,
    currentPeriodStart: toDateOrNull(first?.current_period_start ?? subscription.current_period_start),
    currentPeriodEnd: toDateOrNull(first?.current_period_end ?? subscription.current_period_end),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    canceledAt: toDateOrNull(subscription.canceled_at),
    endedAt: toDateOrNull(subscription.ended_at),
    startedAt: toDate(subscription.start_date),
  };
  return {
    noun: 'subscription',
    id: stripeId(connection, subscription.id),
    externalId: subscription.id,
    createdAt: toDate(subscription.created),
    customer: subscription.customer,
    content: { ...content },
  };
}

/** What items cost by the month at list price, in the currency's smallest unit, rounded once. */
export function monthlyAmount(items: readonly ItemContent[]): number {
  const sum = items.reduce(
    (total, { unitAmount, quantity, interval, intervalCount }) =>
      total + ((unitAmount ?? 0) * quantity * PER_MONTH[interval]) / intervalCount,
    0,
  );
  return Math.round(sum);
}

function toItem({ id, quantity, price }: Vendor['items']['data'][number]): ItemContent {
  return {
    externalId: id,
    priceId: price.id,
    productId: price.product,
    nickname: price.nickname ?? null,
    quantity: quantity ?? 0,
    unitAmount: price.unit_amount ?? null,
    interval: price.recurring?.interval ?? 'month',
    intervalCount: price.recurring?.interval_count ?? 1,
  };
}
