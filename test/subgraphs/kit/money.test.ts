import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyDigits, isCurrency, toMinor, toMoney } from '../../../subgraphs/kit/money.ts';

describe('money', () => {
  it.each([
    ['12.50', 'USD', 1_250n],
    ['12.5', 'USD', 1_250n],
    ['12.500', 'USD', 1_250n],
    ['0', 'EUR', 0n],
    ['-3.07', 'GBP', -307n],
    ['1200', 'JPY', 1_200n],
    ['1.005', 'KWD', 1_005n],
    ['90071992547409.91', 'USD', 9_007_199_254_740_991n],
  ])('stores %s %s as %d minor units', (amount, currency, minor) => {
    expect(toMinor(amount, currency)).toBe(minor);
  });

  it.each([
    ['12.505', 'USD'],
    ['0.5', 'JPY'],
    ['90071992547409.92', 'USD'],
    ['1e3', 'USD'],
    ['', 'USD'],
    ['.5', 'USD'],
  ])('refuses %s %s', (amount, currency) => {
    expect(toMinor(amount, currency)).toBeNull();
  });

  it.each([
    [5, 'USD', '0.05'],
    [-5n, 'USD', '-0.05'],
    [1_200, 'JPY', '1200'],
    [1_005n, 'KWD', '1.005'],
    [0, 'EUR', '0.00'],
  ])('shows %d minor units of %s as %s', (minor, currency, amount) => {
    expect(toMoney({ minor, currency })).toEqual({ amount, currency });
  });

  it('loses nothing on the way in and out', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('USD', 'JPY', 'KWD'), (minor, currency) => {
        expect(toMinor(toMoney({ minor, currency }).amount, currency)).toBe(BigInt(minor));
      }),
    );
  });

  it('knows currencies by their code in capitals', () => {
    expect([isCurrency('USD'), isCurrency('usd'), isCurrency('ZZZ'), currencyDigits('JPY')]).toEqual([
      true,
      false,
      false,
      0,
    ]);
  });
});
