import { type Money, toDecimal } from '../../kit/money.ts';

/**
 * Currencies whose Stripe amounts are not in hundredths. Not ISO 4217: Stripe counts ISK and UGX in hundredths although
 * they have none. https://docs.stripe.com/currencies#zero-decimal and #special-cases
 */
const DECIMALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('bhd jod kwd omr tnd'.split(' ').map((code) => [code, 3])),
};

/** An amount of Stripe's (a whole number of its smallest unit, currency in lower case) as the graph shows it: 1250 usd → `"12.50"`. */
export function toMoney(minor: number, currency: string): Money {
  return { amount: toDecimal(BigInt(minor), DECIMALS[currency] ?? 2), currency: currency.toUpperCase() };
}

/** Sums by currency, in order of the currency's code; amounts in Stripe's smallest units. */
export function sumByCurrency(amounts: readonly { readonly minor: number; readonly currency: string }[]): Money[] {
  const sums = new Map<string, number>();
  for (const { minor, currency } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + minor);
  return [...sums]
    .filter(([, minor]) => minor !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => toMoney(minor, currency));
}
