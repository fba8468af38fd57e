import type { Price } from './catalog.ts';
import type { InvoiceLine } from './invoice.ts';
import type { Period } from './period.ts';

/** A line for one item of a subscription in one period. */
export function buildSubscriptionLine(draft: {
  readonly id: string;
  readonly invoice: string;
  readonly subscription: string;
  readonly item: { readonly id: string; readonly price: Price; readonly quantity: number };
  readonly period: Period;
  /** Nothing is asked for during a trial. */
  readonly free?: boolean;
}): InvoiceLine {
  const { price, quantity } = draft.item;
  const amount = draft.free ? 0 : price.unit_amount * quantity;
  return {
    ...lineOf({ ...draft, amount, quantity, price, description: `${quantity} × ${price.nickname ?? price.id}` }),
    parent: {
      type: 'subscription_item_details',
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: draft.subscription,
        subscription_item: draft.item.id,
      },
    },
    subscription: draft.subscription,
  };
}

/** A line for an invoice item. */
export function buildItemLine(draft: {
  readonly id: string;
  readonly invoice: string;
  readonly invoiceItem: string;
  readonly amount: number;
  readonly currency: string;
  readonly quantity: number;
  readonly description: string | null;
  readonly period: Period;
}): InvoiceLine {
  return {
    ...lineOf(draft),
    parent: {
      type: 'invoice_item_details',
      subscription_item_details: null,
      invoice_item_details: {
        invoice_item: draft.invoiceItem,
        proration: false,
        proration_details: null,
        subscription: null,
      },
    },
    subscription: null,
  };
}

function lineOf(draft: {
  readonly id: string;
  readonly invoice: string;
  readonly amount: number;
  readonly quantity: number;
  readonly description: string | null;
  readonly period: Period;
  readonly currency?: string;
  readonly price?: Price;
}): InvoiceLine {
  const { price } = draft;
  return {
    id: draft.id,
    object: 'line_item',
    amount: draft.amount,
    currency: price?.currency ?? draft.currency ?? 'usd',
    description: draft.description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: draft.invoice,
    livemode: false,
    metadata: {},
    period: draft.period,
    pretax_credit_amounts: [],
    pricing: price
      ? {
          type: 'price_details',
          price_details: { price: price.id, product: price.product },
          unit_amount_decimal: String(price.unit_amount),
        }
      : null,
    quantity: draft.quantity,
    subtotal: draft.amount,
    taxes: [],
  };
}
