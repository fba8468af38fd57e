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
import type { Customer } from '../objects/customer.ts';
import { buildInvoice, type Invoice } from '../objects/invoice.ts';
import { uncollectible, voided } from '../objects/invoice-steps.ts';
import type { Subscription } from '../objects/subscription.ts';
import { takePendingLines } from './invoice-items.ts';
import { finalizeInvoice, payInvoice } from './invoice-life.ts';

const method = z.enum(['charge_automatically', 'send_invoice']);
const createFields = z.strictObject({
  ...expandable,
  customer: text,
  currency: z.string().length(3).optional(),
  collection_method: method.optional(),
  days_until_due: integer.optional(),
  auto_advance: flag.optional(),
  default_payment_method: text.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  pending_invoice_items_behavior: z.enum(['include', 'exclude']).optional(),
  subscription: text.optional(),
});
const listFields = z.strictObject({
  ...paging,
  customer: text.optional(),
  subscription: text.optional(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  collection_method: method.optional(),
});
const payFields = z.strictObject({
  ...expandable,
  payment_method: text.optional(),
  paid_out_of_band: flag.optional(),
  off_session: flag.optional(),
  forgive: flag.optional(),
});

/** https://docs.stripe.com/api/invoices */
export const invoices: readonly Route[] = [
  route('POST', '/v1/invoices', createFields, createInvoice),
  route('GET', '/v1/invoices', listFields, (desk, given) =>
    desk.page<Invoice>('invoice', given, {
      url: '/v1/invoices',
      scope: given.customer ? `customer:${given.customer}` : undefined,
      where: (invoice) =>
        isCreatedWithin(invoice.created, given.created) &&
        (given.status === undefined || invoice.status === given.status) &&
        (given.collection_method === undefined || invoice.collection_method === given.collection_method) &&
        (given.subscription === undefined || invoice.parent?.subscription_details.subscription === given.subscription),
    }),
  ),
  route('GET', '/v1/invoices/:id', z.strictObject(expandable), (desk, _given, id) => desk.need<Invoice>('invoice', id)),
  route(
    'POST',
    '/v1/invoices/:id',
    z.strictObject({ ...expandable, description: text.optional(), metadata: metadata.optional() }),
    (desk, { description, metadata: pairs }, id) => {
      const invoice = desk.need<Invoice>('invoice', id);
      const merged = mergeMetadata(invoice['metadata'] as Record<string, string>, pairs);
      const next = { ...invoice, ...(description === undefined ? {} : { description }), metadata: merged };
      return desk.change(invoice, next, 'invoice.updated');
    },
  ),
  route('DELETE', '/v1/invoices/:id', z.strictObject(expandable), (desk, _given, id) => {
    const invoice = desk.need<Invoice>('invoice', id);
    if (invoice.status !== 'draft')
      throw new StripeFailure(400, 'You can only delete draft invoices.', { code: 'invoice_not_editable' });
    desk.drop(invoice, 'invoice.deleted');
    return { id, object: 'invoice', deleted: true };
  }),
  route(
    'POST',
    '/v1/invoices/:id/finalize',
    z.strictObject({ ...expandable, auto_advance: flag.optional() }),
    (desk, _given, id) => finalizeInvoice(desk, desk.need<Invoice>('invoice', id)),
  ),
  route('POST', '/v1/invoices/:id/pay', payFields, (desk, given, id) => {
    const invoice = desk.need<Invoice>('invoice', id);
    const result = payInvoice(desk, invoice, {
      paymentMethod: given.payment_method,
      outOfBand: given.paid_out_of_band,
    });
    if (result.status === 'paid') return result;
    return new StripeFailure(402, 'Your card was declined.', { type: 'card_error', code: 'card_declined' });
  }),
  route('POST', '/v1/invoices/:id/void', z.strictObject(expandable), (desk, _given, id) => {
    const invoice = requireStatus(desk.need<Invoice>('invoice', id), ['open', 'uncollectible'], 'void');
    return desk.change(invoice, voided(invoice, desk.now), 'invoice.voided', 'invoice.updated');
  }),
  route('POST', '/v1/invoices/:id/mark_uncollectible', z.strictObject(expandable), (desk, _given, id) => {
    const invoice = requireStatus(desk.need<Invoice>('invoice', id), ['open'], 'mark as uncollectible');
    return desk.change(invoice, uncollectible(invoice, desk.now), 'invoice.marked_uncollectible', 'invoice.updated');
  }),
];

function createInvoice(desk: Desk, given: z.output<typeof createFields>): Invoice {
  const customer = desk.need<Customer>('customer', given.customer, 'customer');
  if (given.subscription) desk.need<Subscription>('subscription', given.subscription, 'subscription');
  const id = desk.newId('in');
  const lines = given.pending_invoice_items_behavior === 'include' ? takePendingLines(desk, customer.id, id) : [];
  return desk.add(
    buildInvoice({
      ...given,
      id,
      created: desk.now,
      customer,
      currency: (given.currency ?? lines[0]?.['currency'] ?? customer.currency ?? 'usd') as string,
      lines,
      collectionMethod: given.collection_method ?? 'charge_automatically',
      billingReason: 'manual',
      daysUntilDue: given.days_until_due,
      paymentMethod: given.default_payment_method,
      autoAdvance: given.auto_advance,
      metadata: mergeMetadata({}, given.metadata),
      period: { start: desk.now, end: desk.now },
    }),
    'invoice.created',
    [`customer:${customer.id}`],
  );
}

function requireStatus(invoice: Invoice, allowed: readonly string[], verb: string): Invoice {
  if (allowed.includes(invoice.status)) return invoice;
  throw new StripeFailure(400, `You can only ${verb} ${allowed.join(' or ')} invoices.`);
}
