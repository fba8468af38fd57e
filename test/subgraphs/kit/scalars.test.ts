import { GraphQLError, parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { SCALARS } from '../../../subgraphs/kit/scalars.ts';

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions['code'] : error;
  }
};

describe('scalars', () => {
  it.each([
    ['DateTime', '2026-11-23T08:00:00+01:00', '2026-11-23T07:00:00.000Z'],
    ['DateTime', '2026-11-23T08:00:00.123456Z', '2026-11-23T08:00:00.123Z'],
    ['Date', '2028-02-29', '2028-02-29'],
    ['Decimal', '-12.50', '-12.50'],
  ] as const)('%s reads %s and shows %s', (name, text, shown) => {
    expect(SCALARS[name].serialize(SCALARS[name].parseValue(text))).toBe(shown);
  });

  it.each([
    ['DateTime', '2026-11-23'],
    ['DateTime', '2026-11-23T08:00:00'],
    ['DateTime', '2026-02-30T08:00:00Z'],
    ['DateTime', '2026-11-23T25:00:00Z'],
    ['DateTime', 1_764_000_000_000],
    ['Date', '2026-02-29'],
    ['Date', '23.11.2026'],
    ['Date', '2026-11-23T00:00:00Z'],
    ['Decimal', '1e3'],
    ['Decimal', '1,5'],
    ['Decimal', 12.5],
    ['Decimal', ''],
    ['Decimal', { $gt: '' }],
  ] as const)('%s refuses %j', (name, value) => {
    expect(codeOf(() => SCALARS[name].parseValue(value))).toBe('BAD_USER_INPUT');
  });

  it('reads literals as it reads variables', () => {
    expect(SCALARS.Decimal.parseLiteral(parseValue('"1.50"'), null)).toBe('1.50');
    expect(codeOf(() => SCALARS.Decimal.parseLiteral(parseValue('1.50'), null))).toBe('BAD_USER_INPUT');
  });
});
