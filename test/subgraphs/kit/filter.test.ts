import { describe, expect, it } from 'vitest';
import { AppError } from '../../../lib/errors.ts';
import { type FilterFields, toCondition } from '../../../subgraphs/kit/filter.ts';

const fields: FilterFields = {
  name: { path: 'nameKey', text: 'folded' },
  email: { path: 'emailKeys', text: 'lower', many: true, scopes: ['pii:read'] },
  size: { path: 'size' },
  stage: { path: 'stage' },
};
const read = (filter: Record<string, unknown>, scopes = ['pii:read']) => toCondition(filter, fields, scopes);
const failure = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return error instanceof AppError ? { code: error.code, ...error.extensions } : error;
  }
};

describe('a filter', () => {
  it.each([
    [{}, {}],
    [{ name: { eq: ' Zoë  Müller' } }, { nameKey: 'zoe muller' }],
    [{ name: { in: ['A', 'B'] } }, { nameKey: { $in: ['a', 'b'] } }],
    [{ name: { startsWith: 'Fern' } }, { nameKey: { $gte: 'fern', $lt: 'fero' } }],
    [{ name: { startsWith: '' } }, { nameKey: { $gte: '' } }],
    [{ name: { startsWith: 'a\ud7ff' } }, { nameKey: { $gte: 'a\ud7ff', $lt: 'a\ue000' } }],
    [{ name: { startsWith: 'a😀' } }, { nameKey: { $gte: 'a😀', $lt: 'a😁' } }],
    [{ name: { startsWith: ' New  ' } }, { nameKey: { $gte: 'new ', $lt: 'new!' } }],
    [{ name: { contains: ' & ' } }, { nameKey: { $regex: ' & ' } }],
    [{ name: { contains: 'a.b(c' } }, { nameKey: { $regex: 'a\\.b\\(c' } }],
    [{ email: { startsWith: 'UNA@' } }, { emailKeys: { $elemMatch: { $gte: 'una@', $lt: 'unaA' } } }],
    [{ email: { isNull: true } }, { emailKeys: { $eq: [] } }],
    [{ size: { gte: 1, lt: 9 } }, { size: { $gte: 1 }, $and: [{ size: { $lt: 9 } }] }],
    [{ size: { isNull: false } }, { size: { $ne: null } }],
    [
      { stage: { eq: 'LEAD' }, size: { gt: 3 } },
      { stage: 'LEAD', size: { $gt: 3 } },
    ],
    [{ and: [{ stage: { eq: 'LEAD' } }, { size: { gt: 3 } }] }, { stage: 'LEAD', size: { $gt: 3 } }],
    [{ or: [{ stage: { eq: 'A' } }, { size: { gt: 3 } }] }, { $or: [{ stage: 'A' }, { size: { $gt: 3 } }] }],
    [{ or: [] }, { _id: { $in: [] } }],
    [{ and: [] }, {}],
    [{ not: { stage: { eq: 'A' } } }, { $nor: [{ stage: 'A' }] }],
  ])('%j becomes %j', (filter, condition) => {
    expect(read(filter)).toEqual(condition);
  });

  const deep = (levels: number): Record<string, unknown> => (levels === 0 ? {} : { not: deep(levels - 1) });
  it.each([
    ['null for a field', { name: null }],
    ['null for an operand', { name: { eq: null } }],
    ['null within and', { and: null }],
    ['an unknown field', { nope: { eq: 1 } }],
    ['an unknown operator', { name: { $ne: '' } }],
    ['more than 100 listed values', { name: { in: Array(101).fill('a') } }],
    ['too many comparisons', { or: Array(51).fill({ size: { eq: 1 } }) }],
    ['too deep a nesting', deep(6)],
    ['too many parts, though none compares', { or: Array(101).fill({}) }],
    ['a text that no row can hold', { name: { contains: 'a'.repeat(1_001) } }],
    ['an id that no row can have', { stage: { in: ['a'.repeat(1_001)] } }],
  ])('refuses %s', (_what, filter) => {
    expect(failure(() => read(filter))).toEqual({ code: 'BAD_USER_INPUT' });
  });

  it('refuses to compare with what the caller may not read, however deep it is hidden', () => {
    const hidden = { or: [{ not: { email: { startsWith: 'a' } } }] };
    expect(failure(() => read(hidden, ['customers:read']))).toEqual({ code: 'FORBIDDEN', missingScopes: ['pii:read'] });
  });
});
