import type { Invoice } from './invoice.ts';

/** An open invoice out of a draft. The number is the customer's next. */
export function finalized(invoice: Invoice, at: number, number: string): Invoice {
  return {
    ...invoice,
    auto_advance: invoice.collection_method === 'charge_automatically',
    effective_at: at,
    ending_balance: 0,
    hosted_invoice_url: `https://invoice.stripe.example/i/${invoice.id}`,
    invoice_pdf: `https://invoice.stripe.example/i/${invoice.id}/pdf`,
    number,
    status: 'open',
    status_transitions: { ...invoice.status_transitions, finalized_at: at },
    webhooks_delivered_at: at,
  };
}

/** A paid invoice. Paid elsewhere: no charge was attempted. */
export function paid(invoice: Invoice, at: number, outOfBand = false): Invoice {
  const charged = outOfBand || invoice.amount_due === 0 ? 0 : 1;
  return {
    ...invoice,
    amount_paid: invoice.amount_due,
    amount_paid_off_stripe: outOfBand ? invoice.amount_due : 0,
    amount_remaining: 0,
    attempt_count: invoice.attempt_count + charged,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: at },
  };
}

/** An open invoice whose charge was declined; Stripe would try again three days later. */
export function declined(invoice: Invoice, at: number): Invoice {
  return {
    ...invoice,
    attempt_count: invoice.attempt_count + 1,
    attempted: true,
    next_payment_attempt: at + 3 * 86_400,
  };
}

/** A voided invoice. */
export function voided(invoice: Invoice, at: number): Invoice {
  return {
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...invoice.status_transitions, voided_at: at },
  };
}

/** An invoice that is given up. */
export function uncollectible(invoice: Invoice, at: number): Invoice {
  return {
    ...invoice,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: at },
  };
}
