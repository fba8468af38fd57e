import type { Collection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../../store/store.ts';
import { openTestStore } from '../../../support/test-store.ts';

type Row = Record<string, unknown> & { _id: unknown };
let store: Store;
const rows = (name: string) => store.connection.collection(name) as unknown as Collection<Row>;
const run = (name: string, ...pipeline: object[]) => rows(name).aggregate(pipeline).toArray();

const STAFF = [
  { _id: 1, name: 'Ada', boss: null, teams: ['a', 'b'], age: 36, pay: 10 },
  { _id: 2, name: 'Ben', boss: 1, teams: ['a'], age: 36, pay: 8 },
  { _id: 3, name: 'Cy', boss: 2, teams: [], age: 20, pay: 5 },
  { _id: 4, name: 'Di', boss: 3, age: 50, pay: 4 },
];
const TEAMS = [
  { _id: 'a', lead: 1, size: 2 },
  { _id: 'b', lead: 1, size: 1 },
  { _id: 'c', size: 0 },
];

beforeAll(async () => {
  store = await openTestStore();
  await rows('staff').insertMany(STAFF);
  await rows('teams').insertMany(TEAMS);
  await rows('teams').createIndex({ lead: 1 });
});
afterAll(() => store.close());

const ids = (found: unknown) => (found as Row[]).map(({ _id }) => _id);

describe('$lookup', () => {
  it.each<[string, object, Record<number, unknown[]>]>([
    ['by an indexed field', { localField: '_id', foreignField: 'lead' }, { 1: ['a', 'b'], 2: [], 3: [], 4: [] }],
    [
      'by the elements of an array',
      { localField: 'teams', foreignField: '_id' },
      { 1: ['a', 'b'], 2: ['a'], 3: [], 4: [] },
    ],
    ['null to missing', { localField: 'boss', foreignField: 'lead' }, { 1: ['c'], 2: ['a', 'b'], 3: [], 4: [] }],
    [
      'by fields with a pipeline',
      { localField: '_id', foreignField: 'lead', pipeline: [{ $match: { size: { $gt: 1 } } }] },
      { 1: ['a'], 2: [], 3: [], 4: [] },
    ],
    [
      'by let',
      { let: { me: '$_id' }, pipeline: [{ $match: { $expr: { $eq: ['$lead', '$$me'] } } }, { $sort: { size: 1 } }] },
      { 1: ['b', 'a'], 2: [], 3: [], 4: [] },
    ],
    ['of no document', { pipeline: [{ $match: { size: 0 } }] }, { 1: ['c'], 2: ['c'], 3: ['c'], 4: ['c'] }],
  ])('joins %s', async (_name, lookup, expected) => {
    const found = await run('staff', { $lookup: { from: 'teams', as: 'found', ...lookup } });
    expect(Object.fromEntries(found.map(({ _id, found: it }) => [_id, ids(it)]))).toEqual(expected);
  });

  it('gives each document a copy of its own', async () => {
    const lookup = { $lookup: { from: 'teams', as: 't', pipeline: [{ $match: { _id: 'c' } }] } };
    const found = await run('staff', lookup, { $set: { 't.seen': '$_id' } });
    expect(found.map(({ t }) => (t as Row[])[0]?.['seen'])).toEqual([1, 2, 3, 4]);
  });

  it.each([
    [{ from: 'teams' }],
    [{ from: 'teams', as: 'x', localField: 'a' }],
    [{ from: 'teams', as: 'x', localField: 'a', foreignField: 'b', frob: 1 }],
  ])('refuses %j with code 9', async (lookup) => {
    await expect(run('staff', { $lookup: lookup })).rejects.toMatchObject({ code: 9 });
  });
});

describe('$graphLookup', () => {
  const graph = (more: object) => ({
    $graphLookup: {
      from: 'staff',
      as: 'up',
      startWith: '$boss',
      connectFromField: 'boss',
      connectToField: '_id',
      ...more,
    },
  });

  it.each<[object, unknown[]]>([
    [{}, [1, 2, 3]],
    [{ maxDepth: 1 }, [2, 3]],
    [{ restrictSearchWithMatch: { age: { $lt: 30 } } }, [3]],
  ])('%j climbs as far as it may', async (more, expected) => {
    const [found] = await run('staff', { $match: { _id: 4 } }, graph(more));
    expect(ids(found?.['up']).sort()).toEqual(expected);
  });

  it('tells the depth', async () => {
    const [found = { up: [] }] = await run('staff', { $match: { _id: 3 } }, graph({ depthField: 'at' }));
    expect((found['up'] as Row[]).map(({ _id, at }) => [_id, at])).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });
});

describe('stages', () => {
  it.each<[string, object[], unknown[]]>([
    [
      '$unionWith',
      [{ $project: { name: 1 } }, { $unionWith: { coll: 'teams', pipeline: [{ $match: { size: 0 } }] } }],
      [1, 2, 3, 4, 'c'],
    ],
    ['$sortByCount', [{ $sortByCount: '$age' }, { $limit: 1 }], [36]],
    ['$bucket', [{ $bucket: { groupBy: '$age', boundaries: [0, 36, 50], default: 'old' } }], [0, 36, 'old']],
    ['$bucketAuto', [{ $bucketAuto: { groupBy: '$pay', buckets: 2 } }, { $project: { _id: '$count' } }], [2, 2]],
    ['$skip and $limit', [{ $sort: { pay: 1 } }, { $skip: 1 }, { $limit: 2 }], [3, 2]],
    ['$unwind', [{ $unwind: '$teams' }], [1, 1, 2]],
    ['$redact', [{ $redact: { $cond: [{ $gt: ['$age', 36] }, '$$KEEP', '$$PRUNE'] } }], [4]],
    [
      '$match after a stage',
      [{ $set: { double: { $multiply: ['$pay', 2] } } }, { $match: { double: { $gte: 16 } } }],
      [1, 2],
    ],
    ['$count', [{ $match: { age: 36 } }, { $count: 'n' }, { $project: { _id: '$n' } }], [2]],
    ['$count of documents changed before', [{ $unwind: '$teams' }, { $count: 'n' }, { $project: { _id: '$n' } }], [3]],
  ])('%s', async (_name, pipeline, expected) => {
    expect(ids(await run('staff', ...pipeline))).toEqual(expected);
  });

  it('$facet runs each pipeline over the same documents', async () => {
    const facet = {
      young: [{ $match: { age: { $lt: 30 } } }, { $count: 'n' }],
      old: [{ $sort: { age: -1 } }, { $limit: 1 }],
    };
    const [found] = await run('staff', { $facet: facet });
    expect(found).toEqual({ young: [{ n: 1 }], old: [STAFF[3]] });
  });

  it('$sample gives different documents', async () => {
    const found = ids(await run('staff', { $sample: { size: 3 } }));
    expect(new Set(found).size).toBe(3);
    expect(await run('staff', { $sample: { size: 99 } })).toHaveLength(4);
  });

  it('$setWindowFields runs sums', async () => {
    const window = { sum: { $sum: '$pay', window: { documents: ['unbounded', 'current'] } } };
    const found = await run('staff', { $setWindowFields: { sortBy: { _id: 1 }, output: window } });
    expect(found.map(({ sum }) => sum)).toEqual([10, 18, 23, 27]);
  });

  it('$documents needs no collection', async () => {
    const found = store.connection.db?.aggregate([{ $documents: [{ n: { $add: [1, 2] } }] }]);
    expect(await found?.toArray()).toEqual([{ n: 3 }]);
  });

  it('reads a long result in batches, only as far as it is read', async () => {
    await rows('many').insertMany(Array.from({ length: 1000 }, (_, _id) => ({ _id })));
    const cursor = rows('many').aggregate([{ $set: { x: 1 } }], { batchSize: 10 });
    expect(await cursor.next()).toEqual({ _id: 0, x: 1 });
    await cursor.close();
    expect(await run('many', { $set: { x: 1 } })).toHaveLength(1000);
  });
});

describe('an expression', () => {
  it.each<[unknown, unknown]>([
    [{ $eq: ['$teams', 'a'] }, false],
    [{ $eq: ['$absent', null] }, false],
    [{ $lt: ['$absent', 0] }, true],
    [{ $gt: ['text', 5] }, true],
    [
      {
        $eq: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      false,
    ],
    [{ $cmp: ['$pay', '$age'] }, -1],
  ])('%j is %j', async (expression, expected) => {
    const [found] = await run('staff', { $match: { _id: 1 } }, { $project: { it: expression } });
    expect(found?.['it']).toBe(expected);
  });

  it('sees the constants of let', async () => {
    const found = rows('staff').aggregate([{ $match: { $expr: { $eq: ['$age', '$$age'] } } }], {
      let: { age: { $add: [30, 6] } },
    });
    expect(ids(await found.toArray())).toEqual([1, 2]);
  });
});

describe('a pipeline', () => {
  it.each<[string, object[], number]>([
    ['an unknown stage', [{ $frob: {} }], 40324],
    ['two names in a stage', [{ $match: {}, $limit: 1 }], 40324],
    ['a stage not offered', [{ $indexStats: {} }], 115],
    ['a stage not offered within $facet', [{ $facet: { a: [{ $collStats: {} }] } }], 115],
    ['$out before the end', [{ $out: 'x' }, { $limit: 1 }], 2],
    ['$out within $unionWith', [{ $unionWith: { coll: 'teams', pipeline: [{ $out: 'x' }] } }], 2],
    ['$documents over a collection', [{ $documents: [] }], 73],
    ['an unknown expression', [{ $set: { x: { $frob: 1 } } }], 168],
    ['a script', [{ $set: { x: { $function: { body: 'function () {}', args: [], lang: 'js' } } } }], 115],
    ['$limit 0', [{ $limit: 0 }], 2],
    ['a bad count', [{ $unwind: '$teams' }, { $count: '$n' }], 2],
    ['too wide a bucket', [{ $bucket: { groupBy: '$age', boundaries: [0] } }], 2],
  ])('with %s is refused', async (_name, pipeline, code) => {
    await expect(run('staff', ...pipeline)).rejects.toMatchObject({ code });
  });
});
