import type { Desk } from '../desk.ts';
import type { Customer } from '../objects/customer.ts';
import { buildInvoice, type Invoice } from '../objects/invoice.ts';
import { buildSubscriptionLine } from '../objects/invoice-line.ts';
import { buildSubscription, type Subscription, type SubscriptionDraft } from '../objects/subscription.ts';
import { finalizeInvoice, payInvoice, paymentMethodOf } from './invoice-life.ts';

/**
 * Starts a subscription and draws up its first invoice. Charged automatically: the invoice is paid and the subscription
 * active, or the charge fails and it is incomplete; sent: the invoice stays a draft; on trial: nothing is asked for.
 */
export function startSubscription(
  desk: Desk,
  draft: Omit<SubscriptionDraft, 'status' | 'id' | 'created'>,
): Subscription {
  const complete = { ...draft, id: desk.newId('sub'), created: desk.now };
  const trial = typeof draft.trialEnd === 'number';
  const charged = draft.collectionMethod === 'charge_automatically';
  const status = trial ? 'trialing' : charged ? 'incomplete' : 'active';
  const scope = `customer:${draft.customer}`;
  const begun = desk.add(buildSubscription({ ...complete, status }), 'customer.subscription.created', [scope]);
  const invoice = desk.add(firstInvoice(desk, begun, trial), 'invoice.created', [scope]);
  const settled = charged || trial ? settleFirst(desk, invoice) : invoice;
  const latest = { ...begun, latest_invoice: invoice.id };
  const next = status === 'incomplete' && settled.status === 'paid' ? { ...latest, status: 'active' } : latest;
  return desk.change(begun, next, 'customer.subscription.updated');
}

/** Ends a subscription now. */
export function cancel(desk: Desk, subscription: Subscription): Subscription {
  const next = { ...subscription, status: 'canceled', canceled_at: desk.now, ended_at: desk.now };
  return desk.change(subscription, next, 'customer.subscription.deleted');
}

function firstInvoice(desk: Desk, subscription: Subscription, free: boolean): Invoice {
  const id = desk.newId('in');
  const [first] = subscription.items.data;
  const period = {
    start: first?.current_period_start ?? desk.now,
    end: first?.current_period_end ?? desk.now,
  };
  return buildInvoice({
    id,
    created: desk.now,
    customer: desk.need<Customer>('customer', subscription.customer, 'customer'),
    currency: String(subscription['currency']),
    lines: subscription.items.data.map((item) =>
      buildSubscriptionLine({ id: desk.newId('il'), invoice: id, subscription: subscription.id, item, period, free }),
    ),
    collectionMethod: subscription.collection_method,
    billingReason: 'subscription_create',
    period: { start: desk.now, end: desk.now },
    subscription: subscription.id,
    daysUntilDue: subscription.days_until_due,
    paymentMethod: (subscription['default_payment_method'] ?? null) as string | null,
    autoAdvance: true,
  });
}

function settleFirst(desk: Desk, invoice: Invoice): Invoice {
  const open = finalizeInvoice(desk, invoice);
  return open.status === 'paid' || !paymentMethodOf(desk, open) ? open : payInvoice(desk, open, {});
}
