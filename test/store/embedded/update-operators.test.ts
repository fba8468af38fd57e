import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

type Row = Record<string, unknown> & { _id: number };
const rows = () => store.connection.collection<Row>('rows');

interface Case {
  readonly what: string;
  readonly from: object;
  readonly update: object;
  readonly to: object;
  readonly filter?: object;
  readonly arrayFilters?: object[];
}

const CASES: Case[] = [
  { what: '$set makes documents on the way', from: {}, update: { $set: { 'a.b.c': 1 } }, to: { a: { b: { c: 1 } } } },
  { what: '$set writes one array element', from: { a: [1, 2] }, update: { $set: { 'a.1': 9 } }, to: { a: [1, 9] } },
  {
    what: '$set fills an array with null',
    from: { a: [1] },
    update: { $set: { 'a.3': 4 } },
    to: { a: [1, null, null, 4] },
  },
  {
    what: '$unset removes a field',
    from: { a: { b: 1, c: 2 } },
    update: { $unset: { 'a.b': '' } },
    to: { a: { c: 2 } },
  },
  {
    what: '$unset leaves null in an array',
    from: { a: [1, 2] },
    update: { $unset: { 'a.0': '' } },
    to: { a: [null, 2] },
  },
  { what: '$inc begins at 0', from: {}, update: { $inc: { 'a.n': 2 } }, to: { a: { n: 2 } } },
  { what: '$mul of nothing is 0', from: {}, update: { $mul: { n: 2 } }, to: { n: 0 } },
  { what: '$mul multiplies', from: { n: 3 }, update: { $mul: { n: 1.5 } }, to: { n: 4.5 } },
  { what: '$min keeps the lesser', from: { n: 3, m: 3 }, update: { $min: { n: 1, m: 5 } }, to: { n: 1, m: 3 } },
  { what: '$max keeps the greater', from: { n: 3, m: 3 }, update: { $max: { n: 1, m: 5 } }, to: { n: 3, m: 5 } },
  { what: '$rename moves a value', from: { a: 1 }, update: { $rename: { a: 'b.c' } }, to: { b: { c: 1 } } },
  { what: '$bit works on whole numbers', from: { n: 13 }, update: { $bit: { n: { and: 10 } } }, to: { n: 8 } },
  { what: '$push appends', from: { a: [1] }, update: { $push: { a: 2 } }, to: { a: [1, 2] } },
  { what: '$push makes the array', from: {}, update: { $push: { a: 2 } }, to: { a: [2] } },
  {
    what: '$push sorts and slices',
    from: { a: [{ n: 5 }, { n: 1 }] },
    update: { $push: { a: { $each: [{ n: 3 }], $sort: { n: -1 }, $slice: 2 } } },
    to: { a: [{ n: 5 }, { n: 3 }] },
  },
  {
    what: '$push puts at a position',
    from: { a: [1, 4] },
    update: { $push: { a: { $each: [2, 3], $position: 1 } } },
    to: { a: [1, 2, 3, 4] },
  },
  {
    what: '$addToSet adds what is new',
    from: { a: [1, { x: 1 }] },
    update: { $addToSet: { a: { $each: [1, 2, { x: 1 }] } } },
    to: { a: [1, { x: 1 }, 2] },
  },
  { what: '$pop takes the last', from: { a: [1, 2, 3] }, update: { $pop: { a: 1 } }, to: { a: [1, 2] } },
  { what: '$pop takes the first', from: { a: [1, 2, 3] }, update: { $pop: { a: -1 } }, to: { a: [2, 3] } },
  { what: '$pull removes by value', from: { a: [1, 2, 1] }, update: { $pull: { a: 1 } }, to: { a: [2] } },
  { what: '$pull removes by condition', from: { a: [1, 5, 9] }, update: { $pull: { a: { $gt: 4 } } }, to: { a: [1] } },
  {
    what: '$pull removes documents that match',
    from: { a: [{ k: 1, v: 1 }, { k: 2 }] },
    update: { $pull: { a: { k: 1 } } },
    to: { a: [{ k: 2 }] },
  },
  { what: '$pullAll removes each', from: { a: [1, 2, 3, 1] }, update: { $pullAll: { a: [1, 3] } }, to: { a: [2] } },
  {
    what: '$ updates the element that matched',
    filter: { 'a.k': 2 },
    from: { a: [{ k: 1 }, { k: 2 }] },
    update: { $set: { 'a.$.v': 7 } },
    to: { a: [{ k: 1 }, { k: 2, v: 7 }] },
  },
  {
    what: '$ follows $elemMatch',
    filter: { a: { $elemMatch: { k: 2, n: { $gt: 1 } } } },
    from: {
      a: [
        { k: 2, n: 1 },
        { k: 2, n: 5 },
      ],
    },
    update: { $inc: { 'a.$.n': 1 } },
    to: {
      a: [
        { k: 2, n: 1 },
        { k: 2, n: 6 },
      ],
    },
  },
  { what: '$[] updates all elements', from: { a: [1, 2] }, update: { $inc: { 'a.$[]': 10 } }, to: { a: [11, 12] } },
  {
    what: '$[name] updates those a filter means',
    from: { a: [{ n: 1 }, { n: 5 }] },
    update: { $set: { 'a.$[big].x': true } },
    arrayFilters: [{ 'big.n': { $gt: 3 } }],
    to: { a: [{ n: 1 }, { n: 5, x: true }] },
  },
  {
    what: 'a pipeline computes from other fields',
    from: { a: 2, b: 3 },
    update: [{ $set: { c: { $add: ['$a', '$b'] } } }, { $unset: 'b' }],
    to: { a: 2, c: 5 },
  },
  {
    what: 'integers stay exact beyond a double',
    from: { n: 9007199254740993n },
    update: { $inc: { n: 2 } },
    to: { n: 9007199254740995n },
  },
];

it.each(CASES)('$what', async ({ from, update, to, filter = {}, arrayFilters }) => {
  await rows().deleteMany({});
  await rows().insertOne({ _id: 1, ...from } as Row);
  await rows().updateOne({ _id: 1, ...filter }, update as never, arrayFilters ? { arrayFilters } : {});
  const found = await rows().findOne(
    { _id: 1 },
    { useBigInt64: Object.values(from).some((it) => typeof it === 'bigint') },
  );
  const { _id, ...rest } = found as Row;
  expect(rest).toEqual(to);
});

it('sets the present by $currentDate', async () => {
  await rows().deleteMany({});
  await rows().insertOne({ _id: 1 });
  const before = Date.now();
  await rows().updateOne({ _id: 1 }, { $currentDate: { at: true } } as never);
  expect(Number((await rows().findOne({ _id: 1 }))?.['at'])).toBeGreaterThanOrEqual(before);
});

it.each([
  ['two operators on one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  ['a path and its parent', { $set: { a: 1, 'a.b': 1 } }, 40],
  ['an operator nobody knows', { $frobnicate: { a: 1 } }, 9],
  ['$inc of a text', { $inc: { text: 1 } }, 14],
  ['$bit over null', { $bit: { nothing: { and: 1 } } }, 2],
  ['a path through a scalar', { $set: { 'text.x': 1 } }, 28],
  ['$push to a scalar', { $push: { text: 1 } }, 2],
  ['$ without a match', { $set: { 'list.$': 1 } }, 2],
  ['an array filter without its path', { $set: { 'list.$[x]': 1 } }, 2],
])('refuses %s', async (_what, update, code) => {
  await rows().deleteMany({});
  await rows().insertOne({ _id: 1, text: 't', list: [1], nothing: null });
  await expect(rows().updateOne({ _id: 1 }, update as never)).rejects.toMatchObject({ code });
  expect(await rows().findOne({ _id: 1 })).toEqual({ _id: 1, text: 't', list: [1], nothing: null });
});
