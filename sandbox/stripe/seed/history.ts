import type { Price, Recurring } from '../objects/catalog.ts';
import type { Customer } from '../objects/customer.ts';
import type { Draw, NewId } from '../objects/ids.ts';
import { buildInvoice, type Invoice } from '../objects/invoice.ts';
import { buildSubscriptionLine } from '../objects/invoice-line.ts';
import { declined, finalized, paid, uncollectible, voided } from '../objects/invoice-steps.ts';
import { addInterval, type Period } from '../objects/period.ts';
import type { StripeObject } from '../objects/stripe-object.ts';
import { buildSubscription } from '../objects/subscription.ts';

/** What an account subscribes to, and how it pays. */
export interface Plan {
  /** Which of the catalogue's plans. */
  readonly level: number;
  readonly interval: 'month' | 'year';
  readonly currency: string;
  readonly seats: number;
  /** Invoices are sent and paid by transfer, rather than charged. */
  readonly sent: boolean;
  /** The subscription has been canceled. */
  readonly ended: boolean;
}

/** A customer's past. */
export interface HistoryOptions {
  readonly customer: Customer;
  readonly plan: Plan;
  readonly price: Price;
  readonly newId: NewId;
  readonly draw: Draw;
  /** Seconds since the epoch: the present. */
  readonly end: number;
}

const DAY = 86_400;
const DAYS_UNTIL_DUE = 30;

/** The customer as it stands today, its subscription, and one invoice for each period that has begun. */
export function seedHistory(options: HistoryOptions): StripeObject[] {
  const { customer, plan, price, newId, draw, end } = options;
  const recurring = price.recurring as Recurring;
  const endedAt = plan.ended ? customer.created + draw(Math.max(1, end - customer.created)) : null;
  const subscription = { id: newId('sub'), item: { id: newId('si'), price, quantity: plan.seats } };
  const periods = periodsOf(customer.created, endedAt ?? end, recurring);
  const invoices = periods.map((period, index) => seedInvoice(options, subscription, period, index));
  const last = invoices.at(-1);
  const overdue = last?.status === 'open' && last.attempt_count > 0;
  const built = buildSubscription({
    id: subscription.id,
    created: customer.created,
    customer: customer.id,
    status: endedAt ? 'canceled' : overdue ? 'past_due' : 'active',
    period: periods.at(-1) ?? { start: customer.created, end },
    items: [subscription.item],
    collectionMethod: plan.sent ? 'send_invoice' : 'charge_automatically',
    daysUntilDue: plan.sent ? DAYS_UNTIL_DUE : null,
    latestInvoice: last?.id ?? null,
    cancelAtPeriodEnd: !endedAt && draw(100) < 4,
    endedAt,
  });
  return [{ ...customer, delinquent: overdue, next_invoice_sequence: invoices.length + 1 }, built, ...invoices];
}

function periodsOf(start: number, end: number, recurring: Recurring): Period[] {
  const periods: Period[] = [];
  for (let count = 0; ; count += 1) {
    const from = addInterval(start, recurring, count);
    if (from >= end) return periods;
    periods.push({ start: from, end: addInterval(start, recurring, count + 1) });
  }
}

function seedInvoice(
  { customer, plan, newId, draw, end }: HistoryOptions,
  { id: subscription, item }: { id: string; item: { id: string; price: Price; quantity: number } },
  period: Period,
  index: number,
): Invoice {
  const id = newId('in');
  const created = period.start;
  const draft = buildInvoice({
    id,
    created,
    customer,
    currency: plan.currency,
    lines: [buildSubscriptionLine({ id: newId('il'), invoice: id, subscription, item, period })],
    collectionMethod: plan.sent ? 'send_invoice' : 'charge_automatically',
    billingReason: index === 0 ? 'subscription_create' : 'subscription_cycle',
    period,
    subscription,
    daysUntilDue: plan.sent ? DAYS_UNTIL_DUE : null,
    autoAdvance: true,
  });
  const open = finalized(
    draft,
    Math.min(end, created + 3_600),
    `${customer.invoice_prefix}-${String(index + 1).padStart(4, '0')}`,
  );
  return settle(open, plan.sent, end, draw);
}

/** Most invoices are paid, sent ones after some days; of the recent a few wait, of the old a few were given up. */
function settle(open: Invoice, sent: boolean, end: number, draw: Draw): Invoice {
  const age = end - open.created;
  const paidAt = open.created + (sent ? (3 + draw(35)) * DAY : 3_700);
  if (age > 60 * DAY) {
    const luck = draw(200);
    if (luck === 0) return uncollectible(declined(open, open.created + 3_700), open.created + 45 * DAY);
    if (luck === 1) return voided(open, open.created + 2 * DAY);
    return paid(open, Math.min(paidAt, end));
  }
  if (paidAt > end) return open;
  return !sent && draw(100) < 4 ? declined(open, paidAt) : paid(open, paidAt);
}
