import { describe, expect, it } from 'vitest';
import { conjunction, disjunction } from '../../../subgraphs/kit/condition.ts';

describe('conditions', () => {
  it('join into one flat document, so that an index sees every field', () => {
    expect(conjunction([{ a: 1 }, {}, { $and: [{ b: 2 }, { $and: [{ c: 3 }] }] }])).toEqual({ a: 1, b: 2, c: 3 });
  });

  it('keep apart what is said twice of one field', () => {
    expect(conjunction([{ a: 1 }, { a: 2, b: 3 }])).toEqual({ a: 1, $and: [{ a: 2, b: 3 }] });
    expect(conjunction([{ $or: [{ a: 1 }] }, { $or: [{ b: 1 }] }])).toEqual({
      $or: [{ a: 1 }],
      $and: [{ $or: [{ b: 1 }] }],
    });
  });

  it('hold always when there are none to hold, and never when none of none may', () => {
    expect(conjunction([])).toEqual({});
    expect(disjunction([])).toEqual({ _id: { $in: [] } });
    expect(disjunction([{ a: 1 }])).toEqual({ a: 1 });
  });
});
