import { Schema, Types } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';
import { type Library, openLibrary } from './library.ts';

let store: Store;
let library: Library;
beforeAll(async () => {
  store = await openTestStore();
  library = await openLibrary(store.connection);
});
afterAll(() => store.close());

describe('aggregation', () => {
  it.each<[string, object[], object[]]>([
    [
      '$lookup by field',
      [
        { $match: { _id: 2 } },
        { $lookup: { from: 'books', localField: '_id', foreignField: 'author', as: 'books' } },
        { $project: { _id: 0, n: { $size: '$books' } } },
      ],
      [{ n: 2 }],
    ],
    [
      '$lookup by pipeline',
      [
        { $match: { _id: { $lte: 2 } } },
        {
          $lookup: {
            from: 'books',
            let: { id: '$_id' },
            pipeline: [
              { $match: { $expr: { $eq: ['$author', '$$id'] }, year: { $gt: 2004 } } },
              { $project: { title: 1, _id: 0 } },
            ],
            as: 'late',
          },
        },
        { $sort: { _id: 1 } },
        { $project: { late: '$late.title' } },
      ],
      [
        { _id: 1, late: [] },
        { _id: 2, late: ['Second', 'Third'] },
      ],
    ],
    [
      '$graphLookup',
      [
        { $match: { _id: 3 } },
        {
          $graphLookup: {
            from: 'authors',
            startWith: '$mentor',
            connectFromField: 'mentor',
            connectToField: '_id',
            as: 'line',
          },
        },
        { $project: { n: { $size: '$line' } } },
      ],
      [{ _id: 3, n: 2 }],
    ],
    [
      '$unionWith',
      [
        { $project: { name: 1, _id: 0 } },
        {
          $unionWith: { coll: 'books', pipeline: [{ $match: { _id: 10 } }, { $project: { name: '$title', _id: 0 } }] },
        },
        { $sort: { name: 1 } },
      ],
      [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Cleo' }, { name: 'First' }],
    ],
  ])('of authors: %s', async (_name, pipeline, expected) => {
    expect(await library.Author.aggregate(pipeline as never)).toEqual(expected);
  });

  it.each<[string, object[], object[]]>([
    [
      '$group with accumulators',
      [
        {
          $group: {
            _id: '$author',
            n: { $sum: 1 },
            last: { $max: '$year' },
            titles: { $push: '$title' },
            mean: { $avg: '$year' },
          },
        },
        { $match: { _id: 2 } },
      ],
      [{ _id: 2, n: 2, last: 2010, titles: ['Second', 'Third'], mean: 2007.5 }],
    ],
    [
      '$unwind and $sortByCount',
      [{ $unwind: '$tags' }, { $sortByCount: '$tags' }, { $match: { count: 1 } }],
      [{ _id: 'z', count: 1 }],
    ],
    [
      '$facet',
      [
        {
          $facet: {
            n: [{ $count: 'all' }],
            newest: [{ $sort: { year: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
          },
        },
      ],
      [{ n: [{ all: 5 }], newest: [{ _id: 14 }] }],
    ],
    [
      '$bucket',
      [{ $bucket: { groupBy: '$year', boundaries: [2000, 2010, 2030], output: { n: { $sum: 1 } } } }],
      [
        { _id: 2000, n: 2 },
        { _id: 2010, n: 3 },
      ],
    ],
    [
      '$setWindowFields',
      [
        { $match: { author: 2 } },
        {
          $setWindowFields: {
            partitionBy: '$author',
            sortBy: { year: 1 },
            output: { running: { $sum: 1, window: { documents: ['unbounded', 'current'] } } },
          },
        },
        { $project: { running: 1 } },
      ],
      [
        { _id: 11, running: 1 },
        { _id: 12, running: 2 },
      ],
    ],
    ['$replaceRoot', [{ $match: { _id: 14 } }, { $replaceRoot: { newRoot: { y: '$year' } } }], [{ y: 2020 }]],
    [
      '$cond, $map, $filter',
      [
        { $match: { _id: 10 } },
        {
          $project: {
            _id: 0,
            up: { $map: { input: '$tags', as: 't', in: { $toUpper: '$$t' } } },
            x: { $filter: { input: '$tags', cond: { $eq: ['$$this', 'x'] } } },
            old: { $cond: [{ $lt: ['$year', 2002] }, 'old', 'new'] },
          },
        },
      ],
      [{ up: ['X', 'Y'], x: ['x'], old: 'old' }],
    ],
  ])('of books: %s', async (_name, pipeline, expected) => {
    expect(await library.Book.aggregate(pipeline as never)).toEqual(expected);
  });

  it('is read by cursor', async () => {
    const seen: number[] = [];
    for await (const row of library.Book.aggregate([{ $sort: { _id: 1 } }, { $project: { year: 1 } }]).cursor({
      batchSize: 2,
    }))
      seen.push(row._id);
    expect(seen).toEqual([10, 11, 12, 13, 14]);
  });

  it('casts nothing, as mongoose says: an id must be one', async () => {
    const id = new Types.ObjectId();
    const Row = store.connection.model('IdRow', new Schema({ ref: Schema.Types.ObjectId }));
    await Row.create({ ref: id });
    expect(await Row.aggregate([{ $match: { ref: String(id) } }])).toHaveLength(0);
    expect(await Row.aggregate([{ $match: { ref: id } }])).toHaveLength(1);
  });
});
