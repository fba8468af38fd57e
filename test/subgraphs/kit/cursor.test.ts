import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { decodeCursor, encodeCursor, type ListIdentity } from '../../../subgraphs/kit/cursor.ts';

const list: ListIdentity = {
  tenant: 'acme',
  list: 'accounts',
  filter: { name: { eq: 'x' }, kind: { eq: 'CUSTOMER' } },
  order: [
    { path: 'nameKey', kind: 'text', direction: 1 },
    { path: 'createdAt', kind: 'date', direction: 1 },
    { path: 'employeeCount', kind: 'number', direction: 1, nullable: true },
  ],
};
const values = ['zoe', new Date(1_764_000_000_000), null, 'acc_1'];

const codeOf = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
};

describe('a cursor', () => {
  it('gives back the place it was made of', () => {
    expect(decodeCursor(encodeCursor(values, list), list)).toEqual(values);
  });

  it('is good for the same filter written in another order', () => {
    const same = { ...list, filter: { kind: { eq: 'CUSTOMER' }, name: { eq: 'x' } } };
    expect(decodeCursor(encodeCursor(values, list), same)).toEqual(values);
  });

  it.each([
    ['tenant', { ...list, tenant: 'globex' }],
    ['list', { ...list, list: 'Account.contacts:acc_1' }],
    ['filter', { ...list, filter: { name: { eq: 'y' } } }],
    ['filter, absent', { ...list, filter: null }],
    ['direction', { ...list, order: list.order.map((step) => ({ ...step, direction: -1 as const })) }],
    ['order', { ...list, order: [...list.order].reverse() }],
  ])('is refused on another %s', (_what, other) => {
    expect(codeOf(() => decodeCursor(encodeCursor(values, list), other))).toBe('CURSOR_INVALID');
  });

  it('is refused when a byte of it is changed', () => {
    const bytes = Buffer.from(encodeCursor(values, list), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const forged = Buffer.from(bytes);
        forged[at] = (forged[at] ?? 0) ^ change;
        expect(codeOf(() => decodeCursor(forged.toString('base64url'), list))).toBe('CURSOR_INVALID');
      }),
    );
  });

  it('is refused when it is any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(codeOf(() => decodeCursor(text, list))).toBe('CURSOR_INVALID');
      }),
    );
  });

  it.each([
    ['an operator for a text', [{ $ne: '' }, new Date(0), null, 'acc_1']],
    ['an operator for the id', ['zoe', new Date(0), null, { $ne: '' }]],
    ['a text for a date', ['zoe', 'yesterday', null, 'acc_1']],
    ['null where there is none', [null, new Date(0), null, 'acc_1']],
    ['too few values', ['zoe', 'acc_1']],
    ['too many values', [...values, 'acc_2']],
  ])('is refused with %s, even under a right hash', (_what, forged) => {
    expect(codeOf(() => decodeCursor(encodeCursor(forged as never, list), list))).toBe('CURSOR_INVALID');
  });
});
