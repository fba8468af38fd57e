import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { StripeFailure } from '../failure.ts';
import { expandable, integer, mergeMetadata, metadata, paging, text } from '../http/parameters.ts';
import { type Route, route } from '../http/route.ts';
import type { Customer } from '../objects/customer.ts';
import { type Invoice, type InvoiceLine, withLines } from '../objects/invoice.ts';
import { buildItemLine } from '../objects/invoice-line.ts';
import type { StripeObject } from '../objects/stripe-object.ts';

/** https://docs.stripe.com/api/invoiceitems/object */
interface InvoiceItem extends StripeObject {
  readonly object: 'invoiceitem';
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly description: string | null;
  readonly invoice: string | null;
}

const createFields = z.strictObject({
  ...expandable,
  customer: text,
  amount: integer,
  currency: z.string().length(3).optional(),
  description: text.optional(),
  invoice: text.optional(),
  metadata: metadata.optional(),
});

/** https://docs.stripe.com/api/invoiceitems */
export const invoiceItems: readonly Route[] = [
  route('POST', '/v1/invoiceitems', createFields, createItem),
  route('GET', '/v1/invoiceitems', z.strictObject({ ...paging, customer: text.optional() }), (desk, given) =>
    desk.page<InvoiceItem>('invoiceitem', given, {
      url: '/v1/invoiceitems',
      scope: given.customer ? `customer:${given.customer}` : undefined,
    }),
  ),
];

/** Moves the customer's pending items to a new invoice; answers its lines. */
export function takePendingLines(desk: Desk, customer: string, invoice: string): InvoiceLine[] {
  const scope = `customer:${customer}`;
  const { data } = desk.page<InvoiceItem>(
    'invoiceitem',
    { limit: 100 },
    { url: '', scope, where: (item) => item.invoice === null },
  );
  return data.map((item) => {
    desk.change(item, { ...item, invoice });
    return toLine(desk, item, invoice);
  });
}

function createItem(desk: Desk, given: z.output<typeof createFields>): InvoiceItem {
  const customer = desk.need<Customer>('customer', given.customer, 'customer');
  const invoice = given.invoice ? desk.need<Invoice>('invoice', given.invoice, 'invoice') : null;
  const currency = given.currency?.toLowerCase() ?? invoice?.currency ?? customer.currency ?? 'usd';
  const item = desk.add(buildItem(desk, given, currency), 'invoiceitem.created', [`customer:${customer.id}`]);
  if (!invoice) return item;
  if (invoice.status !== 'draft')
    throw new StripeFailure(400, 'The invoice is no longer a draft.', { code: 'invoice_not_editable' });
  const next = withLines({ ...invoice, currency }, [...invoice.lines.data, toLine(desk, item, invoice.id)]);
  desk.change(invoice, next, 'invoice.updated');
  return item;
}

function buildItem(desk: Desk, given: z.output<typeof createFields>, currency: string): InvoiceItem {
  return {
    id: desk.newId('ii'),
    object: 'invoiceitem',
    amount: given.amount,
    created: desk.now,
    currency,
    customer: given.customer,
    customer_account: null,
    date: desk.now,
    description: given.description ?? null,
    discountable: true,
    discounts: [],
    invoice: given.invoice ?? null,
    livemode: false,
    metadata: mergeMetadata({}, given.metadata),
    net_amount: given.amount,
    parent: null,
    period: { start: desk.now, end: desk.now },
    pricing: null,
    proration: false,
    quantity: 1,
    quantity_decimal: '1',
    tax_rates: [],
    test_clock: null,
  };
}

function toLine(desk: Desk, item: InvoiceItem, invoice: string): InvoiceLine {
  return buildItemLine({
    ...item,
    id: desk.newId('il'),
    invoice,
    invoiceItem: item.id,
    quantity: 1,
    period: { start: item.created, end: item.created },
  });
}
