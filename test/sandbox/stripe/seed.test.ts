import { describe, expect, it } from 'vitest';
import { type BilledAccount, type StripeObject, seedStripe } from '../../../sandbox/stripe/index.ts';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;
const END = NOW / 1_000;

function accountsOf(count: number): BilledAccount[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `acc_${index}`,
    tenant: 'acme',
    name: `Company ${index}`,
    domain: `company-${index}.example`,
    createdAt: NOW - ((index * 7) % 545) * DAY,
    kind: (['CUSTOMER', 'CUSTOMER', 'PROSPECT', 'FORMER_CUSTOMER', 'PARTNER'] as const)[index % 5] ?? 'CUSTOMER',
    employeeCount: (index * 37) % 3_000,
  }));
}

const options = { seed: 1, now: NOW };
const objects = seedStripe(accountsOf(600), options);
const ofKind = (kind: string) => objects.filter(({ object }) => object === kind);

function groupByCustomer(kind: string): Map<unknown, StripeObject[]> {
  const groups = new Map<unknown, StripeObject[]>();
  for (const one of ofKind(kind)) groups.set(one['customer'], [...(groups.get(one['customer']) ?? []), one]);
  return groups;
}

describe('the Stripe seed', () => {
  it('is the same for the same seed and moment, and other for another seed', () => {
    expect(seedStripe(accountsOf(600), options)).toEqual(objects);
    expect(seedStripe(accountsOf(600), { ...options, seed: 2 })).not.toEqual(objects);
  });

  it('gives an account the same history whoever else is there', () => {
    const [first] = ofKind('customer');
    const name = (first!['metadata'] as Record<string, string>)['tributary_account_id'];
    const alone = seedStripe(
      accountsOf(600).filter(({ id }) => id === name),
      options,
    );
    expect(alone.find(({ object }) => object === 'customer')).toEqual(first);
  });

  it('bills customers and former customers alone, most of them, each once', () => {
    const kinds = new Map(accountsOf(600).map(({ id, kind }) => [id, kind]));
    const billed = ofKind('customer').map(
      ({ metadata }) => (metadata as Record<string, string>)['tributary_account_id'] as string,
    );
    expect(new Set(billed.map((id) => kinds.get(id)))).toEqual(new Set(['CUSTOMER', 'FORMER_CUSTOMER']));
    expect(new Set(billed).size).toBe(billed.length);
    expect(billed.length).toBeGreaterThan(0.7 * 360);
    expect(billed.length).toBeLessThan(360);
  });

  it('has unique ids, nothing from the future, and no reference to what is not there', () => {
    const ids = new Set(objects.map(({ id }) => id));
    expect(ids.size).toBe(objects.length);
    expect(objects.filter(({ created }) => created > END)).toEqual([]);
    const references = objects
      .flatMap(({ customer, latest_invoice }) => [customer, latest_invoice])
      .filter((id) => typeof id === 'string');
    expect(references.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('has invoices that add up and states that fit their amounts and moments', () => {
    const states = new Set(ofKind('invoice').map(({ status }) => status));
    expect(states).toEqual(new Set(['open', 'paid', 'uncollectible', 'void']));
    for (const invoice of ofKind('invoice')) {
      const { status, total, amount_due, amount_paid, amount_remaining } = invoice as unknown as Record<
        string,
        number | string
      >;
      const lines = (invoice['lines'] as { data: { amount: number }[] }).data;
      expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
      expect(Number(amount_paid) + Number(amount_remaining)).toBe(amount_due);
      expect(Number(amount_remaining) === 0).toBe(status === 'paid');
      const { paid_at } = invoice['status_transitions'] as { paid_at: number | null };
      expect(paid_at === null).toBe(status !== 'paid');
      if (paid_at !== null) expect(paid_at).toBeLessThanOrEqual(END);
    }
  });

  it('numbers a customer’s invoices in order, and leaves the customer at the next number', () => {
    const invoices = groupByCustomer('invoice');
    for (const customer of ofKind('customer')) {
      const numbers = (invoices.get(customer.id) ?? []).map(({ number }) => Number(String(number).slice(-4)));
      expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
      expect(customer['next_invoice_sequence']).toBe(numbers.length + 1);
    }
  });

  it('has the present within the running period of every subscription that is not canceled', () => {
    for (const subscription of ofKind('subscription')) {
      const [item] = (subscription['items'] as { data: { current_period_start: number; current_period_end: number }[] })
        .data;
      if (subscription['status'] !== 'canceled') expect(item?.current_period_end).toBeGreaterThanOrEqual(END);
      expect(item?.current_period_start).toBeLessThanOrEqual(END);
    }
  });

  it('is nothing but the catalogue without accounts', () => {
    expect(new Set(seedStripe([], options).map(({ object }) => object))).toEqual(new Set(['product', 'price']));
  });
});
