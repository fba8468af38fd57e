import fc from 'fast-check';
import type { Collection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rankAmong, toCollation } from '../../../../store/embedded/query/collation.ts';
import type { Store } from '../../../../store/store.ts';
import { openTestStore } from '../../../support/test-store.ts';

type Row = { _id: number; s: unknown };
let store: Store;
const rows = () => store.connection.collection('words') as unknown as Collection<Row>;
const WORDS: Row[] = ['résumé', 'resume', 'Resume', 'zebra', 'Äpfel', 'apfel', 'item 10', 'item 9'].map((s, _id) => ({
  _id,
  s,
}));
const [base, cased, numbers] = [
  { locale: 'en', strength: 1 },
  { locale: 'en', strength: 2 },
  { locale: 'en', numericOrdering: true },
] as const;

beforeAll(async () => {
  store = await openTestStore();
  await rows().insertMany([...WORDS, { _id: 8, s: ['RESUME', 'x'] }, { _id: 9, s: { in: 'Zebra' } }]);
  await rows().createIndex({ s: 1 });
});
afterAll(() => store.close());

const ids = (found: { _id: number }[]) => found.map(({ _id }) => _id).sort();

describe('a collation', () => {
  it.each<[object, object, number[]]>([
    [{ s: 'RESUME' }, base, [0, 1, 2, 8]],
    [{ s: 'RESUME' }, cased, [1, 2, 8]],
    [{ s: { $in: ['ZEBRA', 'APFEL'] } }, cased, [3, 5]],
    [{ s: { $ne: 'ZEBRA' }, _id: { $lt: 5 } }, cased, [0, 1, 2, 4]],
    [{ s: { $gt: 'item 9', $lt: 'item 11' } }, numbers, [6]],
    [{ s: { in: 'zebra' } }, cased, [9]],
  ])('finds %j by %j', async (filter, collation, expected) => {
    expect(
      ids(
        await rows()
          .find(filter)
          .collation(collation as { locale: string })
          .toArray(),
      ),
    ).toEqual(expected);
    expect(await rows().countDocuments(filter, { collation } as object)).toBe(expected.length);
  });

  it('sorts as its language does, with skip and limit', async () => {
    const found = await rows()
      .find({ _id: { $lt: 8 } })
      .collation(numbers)
      .sort({ s: 1 })
      .toArray();
    const expected = WORDS.map(({ s }) => s as string).sort(new Intl.Collator('en', { numeric: true }).compare);
    expect(found.map(({ s }) => s)).toEqual(expected);
    const page = await rows()
      .find({ _id: { $lt: 8 } })
      .collation(numbers)
      .sort({ s: 1 })
      .skip(2)
      .limit(2)
      .toArray();
    expect(page.map(({ s }) => s)).toEqual(expected.slice(2, 4));
  });

  it('tells what is distinct', async () => {
    expect(await rows().distinct('s', { _id: { $lte: 2 } }, { collation: base })).toEqual(['résumé']);
  });

  it('is followed by updates, deletes and findOneAndUpdate', async () => {
    expect(await rows().updateOne({ s: 'ZEBRA' }, { $set: { seen: 1 } } as never, { collation: cased })).toMatchObject({
      modifiedCount: 1,
    });
    expect(
      await rows().findOneAndUpdate({ s: 'ÄPFEL' }, { $set: { seen: 1 } } as never, { collation: cased }),
    ).toMatchObject({ _id: 4 });
    expect(await rows().deleteMany({ s: 'ITEM 9' }, { collation: cased })).toMatchObject({ deletedCount: 1 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a regular expression', () => rows().find({ s: /^r/ }).collation(cased).toArray()],
    [
      '$expr',
      () =>
        rows()
          .find({ $expr: { $eq: ['$s', 'x'] } })
          .collation(cased)
          .toArray(),
    ],
    ['$pull', () => rows().updateOne({ s: 'x' }, { $pull: { s: 'X' } } as never, { collation: cased })],
    [
      '$group',
      () =>
        rows()
          .aggregate([{ $group: { _id: '$s' } }], { collation: cased })
          .toArray(),
    ],
  ])('is refused beside %s', async (_name, act) => {
    await expect(act()).rejects.toMatchObject({ code: 115 });
  });
});

it('ranks strings as the collation orders them', () => {
  const collation = toCollation(base) as Intl.Collator;
  const strings = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(strings, fc.string({ unit: 'grapheme' }), (among, other) => {
      const ranked = rankAmong(among, collation);
      const order = (left: unknown, right: unknown) =>
        Math.sign(String(left) < String(right) ? -1 : left === right ? 0 : 1);
      for (const string of among)
        expect(order(ranked(other), ranked(string))).toBe(Math.sign(collation.compare(other, string)));
    }),
    { numRuns: 200 },
  );
});
