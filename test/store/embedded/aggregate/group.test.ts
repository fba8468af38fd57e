import { Decimal128, Long } from 'bson';
import { describe, expect, it } from 'vitest';
import { groupStage } from '../../../../store/embedded/aggregate/group.ts';
import { all, rowsOf } from '../../../support/rows-of.ts';

const group = (documents: Record<string, unknown>[], specification: unknown) =>
  all(groupStage(specification, {})(rowsOf(documents)));

const ROWS = [
  { k: 'a', n: 1, s: 'x' },
  { k: 'b', n: 5 },
  { k: 'a', n: 3, s: 'y' },
  { k: 'a', n: null, s: 'x' },
  { k: 'a', n: 'text' },
];

describe('$group', () => {
  it.each<[string, unknown, unknown]>([
    ['$sum', '$n', 4],
    ['$avg', '$n', 2],
    ['$min', '$n', 1],
    ['$max', '$n', 'text'],
    ['$first', '$s', 'x'],
    ['$last', '$s', null],
    ['$push', '$s', ['x', 'y', 'x']],
    ['$addToSet', '$s', ['x', 'y']],
    ['$sum', 1, 4],
    ['$sum', { $cond: [{ $eq: ['$s', 'x'] }, 1, 0] }, 2],
    ['$stdDevPop', '$n', 1],
    ['$stdDevSamp', '$n', Math.SQRT2],
    ['$mergeObjects', { s: '$s' }, { s: 'x' }],
    ['$topN', { n: 1, sortBy: { s: -1 }, output: '$s' }, ['y']],
  ])('%s of %j', async (operator, operand, expected) => {
    const [first] = await group(ROWS, { _id: '$k', it: { [operator]: operand } });
    expect(first).toEqual({ _id: 'a', it: expected });
  });

  it('counts by $count', async () => {
    expect(await group(ROWS, { _id: null, n: { $count: {} } })).toEqual([{ _id: null, n: 5 }]);
  });

  it('puts missing and null into one group, and leaves missing members of a compound id out', async () => {
    const rows = [{ k: null, m: 1 }, {}];
    expect(await group(rows, { _id: '$k', n: { $sum: 1 } })).toEqual([{ _id: null, n: 2 }]);
    expect(await group([{}], { _id: { k: '$k' } })).toEqual([{ _id: {} }]);
  });

  it('groups numbers of all types by their value', async () => {
    const rows = [{ k: 1 }, { k: Long.fromNumber(1) }, { k: Decimal128.fromString('1.0') }];
    expect(await group(rows, { _id: '$k', n: { $sum: 1 } })).toHaveLength(1);
  });

  it('adds decimals to a decimal and big integers exactly', async () => {
    const decimals = [{ v: Decimal128.fromString('0.1') }, { v: Decimal128.fromString('0.2') }];
    expect(await group(decimals, { _id: null, v: { $sum: '$v' } })).toEqual([
      { _id: null, v: Decimal128.fromString('0.3') },
    ]);
    const integers = [{ v: Long.fromString('9007199254740993') }, { v: 2 }];
    const [sum] = await group(integers, { _id: null, v: { $sum: '$v' } });
    expect(String(sum?.['v'])).toBe('9007199254740995');
  });

  it.each([
    [{ n: { $sum: 1 } }],
    [{ _id: null, n: { $frob: 1 } }],
    [{ _id: null, n: { $sum: 1, $avg: 1 } }],
    [{ _id: null, n: 5 }],
  ])('refuses %j with code 2', (specification) => {
    expect(() => groupStage(specification, {})).toThrow(expect.objectContaining({ code: 2 }));
  });

  it('refuses an unknown expression with code 168', async () => {
    await expect(group(ROWS, { _id: { $frob: 1 } })).rejects.toMatchObject({ code: 168 });
  });

  it('holds groups and not documents', async () => {
    async function* many() {
      const text = 'x'.repeat(1000);
      for (let at = 0; at < 600; at += 1) yield Array.from({ length: 100 }, (_, n) => ({ k: n % 7, text }));
    }
    expect(await all(groupStage({ _id: '$k', n: { $sum: 1 } }, {})(many()))).toHaveLength(7);
  });

  it('answers 292 when what it gathers is too much', async () => {
    async function* many() {
      const text = 'x'.repeat(100_000);
      for (let at = 0; at < 40; at += 1) yield Array.from({ length: 10 }, () => ({ text }));
    }
    const gathered = all(groupStage({ _id: null, all: { $push: '$text' } }, {})(many()));
    await expect(gathered).rejects.toMatchObject({ code: 292 });
  });
});
