import { isDeepStrictEqual } from 'node:util';
import type { Noun } from '../mapping/mapped.ts';

/** Stored names that are called otherwise in the graph. */
const NAMES: Readonly<Record<string, string>> = {
  accountId: 'account',
  customerId: 'customer',
  subscriptionId: 'subscription',
};

/** What a change of currency shows in. */
const CURRENCY: Readonly<Record<Noun, string>> = {
  customer: 'balance',
  subscription: 'monthlyAmount',
  invoice: 'total',
};

/** The graph's names of the fields in which two contents differ. */
export function changedFields(
  noun: Noun,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const stored = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const shown = stored.map((name) => (name === 'currency' ? CURRENCY[noun] : (NAMES[name] ?? name)));
  return [...new Set(shown)];
}
