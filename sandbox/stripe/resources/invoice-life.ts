import type { Desk } from '../desk.ts';
import { StripeFailure } from '../failure.ts';
import type { Customer } from '../objects/customer.ts';
import type { Invoice } from '../objects/invoice.ts';
import { declined, finalized, paid } from '../objects/invoice-steps.ts';

/** Makes a draft an open invoice; one that asks for nothing is paid at once. */
export function finalizeInvoice(desk: Desk, invoice: Invoice): Invoice {
  if (invoice.status !== 'draft')
    throw new StripeFailure(400, 'This invoice is already finalized, you can not re-finalize a non-draft invoice.', {
      code: 'invoice_not_editable',
    });
  const customer = desk.need<Customer>('customer', invoice.customer, 'customer');
  const sequence = customer.next_invoice_sequence;
  const number = `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
  const counted = { ...customer, next_invoice_sequence: sequence + 1, currency: customer.currency ?? invoice.currency };
  desk.change(customer, counted, ...(customer.currency ? [] : ['customer.updated']));
  const open = desk.change(invoice, finalized(invoice, desk.now, number), 'invoice.finalized', 'invoice.updated');
  return open.amount_due === 0 ? settleInvoice(desk, open) : open;
}

/** What may be given for a payment. */
export interface Payment {
  readonly paymentMethod?: string | undefined;
  readonly outOfBand?: boolean | undefined;
}

/** The payment method an invoice would be charged to; null when there is none. */
export function paymentMethodOf(desk: Desk, invoice: Invoice, given?: string): string | null {
  const customer = desk.need<Customer>('customer', invoice.customer, 'customer');
  return given ?? invoice.default_payment_method ?? customer.invoice_settings.default_payment_method;
}

/** Pays an invoice, finalizing it first when it is a draft; the result is still open when the charge was declined, as for `pm_card_chargeDeclined` and its kin. */
export function payInvoice(desk: Desk, invoice: Invoice, { paymentMethod, outOfBand = false }: Payment): Invoice {
  const open = invoice.status === 'draft' ? finalizeInvoice(desk, invoice) : invoice;
  if (invoice.status === 'draft' && open.status === 'paid') return open;
  if (open.status === 'paid') throw new StripeFailure(400, 'Invoice is already paid');
  if (open.status === 'void') throw new StripeFailure(400, 'This invoice was voided and can no longer be paid.');
  if (outOfBand) return settleInvoice(desk, open, true);
  const method = paymentMethodOf(desk, open, paymentMethod);
  if (!method)
    throw new StripeFailure(
      400,
      'There is no `default_payment_method` set on this Customer or Invoice. Please attach a payment method, or pay out of band.',
    );
  return isDeclined(method) ? declineInvoice(desk, open) : settleInvoice(desk, open);
}

/** Whether a payment method is one of those that Stripe's test mode declines. https://docs.stripe.com/testing */
export function isDeclined(method: string): boolean {
  return /^pm_card_(visa_)?charge(Declined|CustomerFail)/.test(method);
}

function declineInvoice(desk: Desk, invoice: Invoice): Invoice {
  return desk.change(invoice, declined(invoice, desk.now), 'invoice.payment_failed', 'invoice.updated');
}

function settleInvoice(desk: Desk, invoice: Invoice, outOfBand = false): Invoice {
  const next = paid(invoice, desk.now, outOfBand);
  return desk.change(invoice, next, 'invoice.paid', 'invoice.payment_succeeded', 'invoice.updated');
}
