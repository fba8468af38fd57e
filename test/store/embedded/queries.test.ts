import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
type Row = Record<string, unknown> & { _id: number };
const rows = () => store.connection.collection<Row>('rows');

const ROWS: Row[] = [
  { _id: 1, n: 1, s: 'apple', tags: ['x', 'y'], a: { b: 1 }, at: new Date(1000) },
  {
    _id: 2,
    n: 2,
    s: 'Banana',
    tags: ['y'],
    a: { b: 2 },
    items: [
      { k: 'p', v: 1 },
      { k: 'q', v: 9 },
    ],
  },
  { _id: 3, n: 3.5, s: 'cherry', tags: [], a: null, items: [{ k: 'p', v: 9 }] },
  { _id: 4, n: '3', s: null, tags: ['z', 'x'], a: [{ b: 1 }, { b: 7 }] },
  { _id: 5, s: 'apple pie', nested: [[1, 2], [3]], flag: true },
];

beforeAll(async () => {
  store = await openTestStore();
  await rows().insertMany(ROWS);
});
afterAll(() => store.close());

it.each<[string, object, number[]]>([
  ['equality', { n: 2 }, [2]],
  ['equality to an element', { tags: 'x' }, [1, 4]],
  ['equality to a whole array', { tags: ['y'] }, [2]],
  ['equality to a document', { a: { b: 1 } }, [1, 4]],
  ['equality to null, missing too', { s: null }, [4]],
  ['null on a path through documents', { 'a.b': null }, [3, 5]],
  ['a path through an array', { 'a.b': 7 }, [4]],
  ['a position in an array', { 'tags.0': 'z' }, [4]],
  ['numbers only to numbers', { n: { $gt: 1 } }, [2, 3]],
  ['texts only to texts', { n: { $gte: '1' } }, [4]],
  ['a range', { n: { $gt: 1, $lte: 3.5 } }, [2, 3]],
  ['dates', { at: { $lte: new Date(1000) } }, [1]],
  ['$in with null', { s: { $in: ['cherry', null] } }, [3, 4]],
  ['$nin', { _id: { $nin: [1, 2, 3] } }, [4, 5]],
  ['$ne', { n: { $ne: 2 } }, [1, 3, 4, 5]],
  ['$ne over elements', { tags: { $ne: 'x' } }, [2, 3, 5]],
  ['$exists', { flag: { $exists: true } }, [5]],
  ['$exists false', { n: { $exists: false } }, [5]],
  ['$type', { n: { $type: 'string' } }, [4]],
  ['$size', { tags: { $size: 2 } }, [1, 4]],
  ['$all', { tags: { $all: ['x', 'z'] } }, [4]],
  ['$elemMatch', { items: { $elemMatch: { k: 'p', v: 9 } } }, [3]],
  ['$elemMatch of values', { tags: { $elemMatch: { $gt: 'x', $lt: 'z' } } }, [1, 2]],
  ['two conditions met by two elements', { 'items.k': 'p', 'items.v': 9 }, [2, 3]],
  ['$regex', { s: /^APPLE/i }, [1, 5]],
  ['$regex with $options', { s: { $regex: 'an', $options: 'i' } }, [2]],
  ['$not', { n: { $not: { $gt: 1 } } }, [1, 4, 5]],
  ['$mod', { n: { $mod: [2, 0] } }, [2]],
  ['$or', { $or: [{ n: 1 }, { flag: true }] }, [1, 5]],
  ['$nor', { $nor: [{ n: { $exists: true } }, { _id: 9 }] }, [5]],
  ['$and', { $and: [{ n: { $gte: 1 } }, { n: { $lt: 2 } }] }, [1]],
  ['$expr', { $expr: { $eq: ['$n', '$a.b'] } }, [1, 2, 5]],
  ['$comment', { n: 1, $comment: 'why' }, [1]],
])('finds by %s', async (_what, filter, ids) => {
  const found = await rows().find(filter).sort({ _id: 1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(ids);
});

it.each<[string, object, Record<string, unknown>]>([
  ['inclusion', { n: 1, 'a.b': 1 }, { _id: 2, n: 2, a: { b: 2 } }],
  ['inclusion without _id', { n: 1, _id: 0 }, { n: 2 }],
  ['exclusion', { items: 0, tags: 0, a: 0, s: 0 }, { _id: 2, n: 2 }],
  [
    'exclusion within an array',
    { 'items.v': 0, n: 0, s: 0, a: 0, tags: 0 },
    { _id: 2, items: [{ k: 'p' }, { k: 'q' }] },
  ],
  ['inclusion within an array', { 'items.k': 1 }, { _id: 2, items: [{ k: 'p' }, { k: 'q' }] }],
  ['$slice', { items: { $slice: 1 }, n: 1 }, { _id: 2, n: 2, items: [{ k: 'p', v: 1 }] }],
  ['$elemMatch', { items: { $elemMatch: { v: 9 } } }, { _id: 2, items: [{ k: 'q', v: 9 }] }],
])('projects by %s', async (_what, projection, expected) => {
  expect(await rows().findOne({ _id: 2 }, { projection })).toEqual(expected);
});

it('sorts across types as MongoDB does', async () => {
  const found = await rows().find().sort({ n: 1, _id: -1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual([5, 1, 2, 3, 4]);
});

it('sorts arrays by their least or greatest element', async () => {
  const by = async (direction: 1 | -1) =>
    (
      await rows()
        .find({ 'tags.0': { $exists: true } })
        .sort({ tags: direction, _id: 1 })
        .toArray()
    ).map(({ _id }) => _id);
  expect(await by(1)).toEqual([1, 4, 2]);
  expect(await by(-1)).toEqual([4, 1, 2]);
});

it('skips and limits', async () => {
  const found = await rows().find().sort({ _id: 1 }).skip(1).limit(2).toArray();
  expect(found.map(({ _id }) => _id)).toEqual([2, 3]);
});

it('reads a long result in batches', async () => {
  const many = store.connection.collection<{ _id: number }>('many');
  await many.insertMany(Array.from({ length: 2500 }, (_, _id) => ({ _id })));
  const seen: number[] = [];
  for await (const { _id } of many.find().sort({ _id: -1 }).batchSize(300)) seen.push(_id);
  expect(seen).toEqual(Array.from({ length: 2500 }, (_, at) => 2499 - at));
});

it('closes a cursor that is killed', async () => {
  const db = store.connection.db!;
  const { cursor } = await db.command({ find: 'many', batchSize: 10 });
  await db.command({ getMore: cursor.id, collection: 'many', batchSize: 1 });
  expect(await db.command({ killCursors: 'many', cursors: [cursor.id] })).toMatchObject({ ok: 1, cursorsNotFound: [] });
  await expect(db.command({ getMore: cursor.id, collection: 'many' })).rejects.toMatchObject({ code: 43 });
});

it('counts by filter and lists distinct values', async () => {
  expect(await rows().countDocuments({ tags: 'x' })).toBe(2);
  expect(await rows().distinct('tags')).toEqual(['x', 'y', 'z']);
  expect(await rows().distinct('n', { _id: { $lt: 4 } })).toEqual([1, 2, 3.5]);
});

it('groups', async () => {
  const result = await rows()
    .aggregate([
      { $match: { n: { $type: 'number' } } },
      { $group: { _id: null, sum: { $sum: '$n' }, top: { $max: '$n' } } },
    ])
    .toArray();
  expect(result).toEqual([{ _id: null, sum: 6.5, top: 3.5 }]);
});

it('unwinds, groups and sorts', async () => {
  const result = await rows()
    .aggregate([{ $unwind: '$tags' }, { $group: { _id: '$tags', n: { $sum: 1 } } }, { $sort: { n: -1, _id: 1 } }])
    .toArray();
  expect(result).toEqual([
    { _id: 'x', n: 2 },
    { _id: 'y', n: 2 },
    { _id: 'z', n: 1 },
  ]);
});

it('runs several pipelines by $facet', async () => {
  const [result] = await rows()
    .aggregate([
      { $facet: { all: [{ $count: 'n' }], first: [{ $sort: { _id: 1 } }, { $limit: 1 }, { $project: { _id: 1 } }] } },
    ])
    .toArray();
  expect(result).toEqual({ all: [{ n: 5 }], first: [{ _id: 1 }] });
});

it.each([
  ['by _id', { from: 'others', localField: 'n', foreignField: '_id', as: 'other' }],
  ['by a field without an index', { from: 'others', localField: 'n', foreignField: 'number', as: 'other' }],
  [
    'by pipeline',
    { from: 'others', let: { n: '$n' }, pipeline: [{ $match: { $expr: { $eq: ['$number', '$$n'] } } }], as: 'other' },
  ],
])('joins %s', async (_what, $lookup) => {
  const others = store.connection.collection<{ _id: number; number: number }>('others');
  await others.deleteMany({});
  await others.insertMany([
    { _id: 1, number: 1 },
    { _id: 2, number: 2 },
    { _id: 9, number: 9 },
  ]);
  const result = await rows()
    .aggregate([{ $match: { _id: { $in: [1, 2] } } }, { $sort: { _id: 1 } }, { $lookup }])
    .toArray();
  expect(result.map(({ other }) => other)).toEqual([[{ _id: 1, number: 1 }], [{ _id: 2, number: 2 }]]);
});

it.each<[string, () => Promise<unknown>, number]>([
  [
    'an unknown operator',
    () =>
      rows()
        .find({ n: { $frob: 1 } } as object)
        .toArray(),
    2,
  ],
  [
    'an unknown top level operator',
    () =>
      rows()
        .find({ $frob: 1 } as object)
        .toArray(),
    2,
  ],
  ['$where', () => rows().find({ $where: 'true' }).toArray(), 115],
  [
    'a collation by case',
    () => rows().find({ s: 'APPLE' }).collation({ locale: 'en', caseFirst: 'upper' }).toArray(),
    115,
  ],
  [
    'an unknown stage',
    () =>
      rows()
        .aggregate([{ $frob: {} }])
        .toArray(),
    40324,
  ],
  [
    'a stage not offered',
    () =>
      rows()
        .aggregate([{ $geoNear: { near: [0, 0] } }])
        .toArray(),
    115,
  ],
  [
    'a mixed projection',
    () =>
      rows()
        .find({}, { projection: { n: 1, s: 0 } })
        .toArray(),
    2,
  ],
  ['an unknown command', () => store.connection.db!.command({ frobnicate: 1 }), 59],
  ['a text index', () => rows().createIndex({ s: 'text' }), 115],
  ['a capped collection', () => store.connection.db!.createCollection('capped', { capped: true, size: 1 }), 115],
  [
    'a broken expression',
    () =>
      rows()
        .find({ s: { $regex: '(' } })
        .toArray(),
    2,
  ],
])('answers %s with a code', async (_what, ask, code) => {
  await expect(ask()).rejects.toMatchObject({ code });
});
