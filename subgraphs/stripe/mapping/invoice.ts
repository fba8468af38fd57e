import type { InvoiceContent } from '../mirror/rows.ts';
import { type Mapped, stripeId } from './mapped.ts';
import { readObject, toDate, toDateOrNull } from './read.ts';
import { invoiceObject } from './vendor-objects.ts';

/** Lines that are kept: as many as Stripe embeds. */
const MAX_LINES = 10;

/** An invoice of a connection. AppError EVENT_INVALID when it cannot be read. */
export function mapInvoice(connection: string, json: unknown): Mapped {
  const invoice = readObject(invoiceObject, 'invoice', json);
  const subscription = invoice.parent?.subscription_details?.subscription ?? invoice.subscription ?? null;
  const { finalized_at, paid_at, voided_at } = invoice.status_transitions;
  const content: InvoiceContent = {
    customerId: stripeId(connection, invoice.customer),
    subscriptionId: subscription === null ? null : stripeId(connection, subscription),
    number: invoice.number ?? null,
    status: invoice.status,
    currency: invoice.currency,
    total: invoice.total,
    amountDue: invoice.amount_due,
    amountPaid: invoice.amount_paid,
    amountRemaining: invoice.amount_remaining,
    lines: invoice.lines.data.slice(0, MAX_LINES).map(({ id, description, quantity, amount }) => ({
      externalId: id,
      description: description ?? null,
      quantity: quantity ?? null,
      amount,
    })),
    hostedInvoiceUrl: invoice.hosted_invoice_url ?? null,
    dueAt: toDateOrNull(invoice.due_date),
    finalizedAt: toDateOrNull(finalized_at),
    paidAt: toDateOrNull(paid_at),
    voidedAt: toDateOrNull(voided_at),
  };
  return {
    noun: 'invoice',
    id: stripeId(connection, invoice.id),
    externalId: invoice.id,
    createdAt: toDate(invoice.created),
    customer: invoice.customer,
    content: { ...content },
  };
}
