import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumByCurrency, toMoney } from '../../../../subgraphs/stripe/mapping/money.ts';

describe('Stripe amounts', () => {
  it.each([
    [1250, 'usd', '12.50'],
    [5, 'eur', '0.05'],
    [0, 'gbp', '0.00'],
    [-1250, 'usd', '-12.50'],
    [-5, 'usd', '-0.05'],
    [500, 'jpy', '500'],
    [0, 'krw', '0'],
    [5124, 'kwd', '5.124'],
    [500, 'isk', '5.00'],
    [500, 'ugx', '5.00'],
    [Number.MAX_SAFE_INTEGER, 'usd', '90071992547409.91'],
  ])('%d %s is %s', (minor, currency, amount) => {
    expect(toMoney(minor, currency)).toEqual({ amount, currency: currency.toUpperCase() });
  });

  it('lose no digit', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('usd', 'jpy', 'kwd'), (minor, currency) => {
        expect(Number(toMoney(minor, currency).amount.replace('.', ''))).toBe(minor);
      }),
    );
  });

  it('are summed by currency, in the currency’s order, nothing where nothing is', () => {
    const amounts = [
      { minor: 100, currency: 'usd' },
      { minor: 7, currency: 'eur' },
      { minor: 50, currency: 'usd' },
      { minor: 5, currency: 'gbp' },
      { minor: -5, currency: 'gbp' },
    ];
    expect(sumByCurrency(amounts)).toEqual([
      { amount: '0.07', currency: 'EUR' },
      { amount: '1.50', currency: 'USD' },
    ]);
  });
});
