import type { Collection } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../../store/store.ts';
import { openTestStore } from '../../../support/test-store.ts';

type Row = Record<string, unknown> & { _id: unknown };
let store: Store;
const rows = (name: string) => store.connection.collection(name) as unknown as Collection<Row>;
const all = (name: string) => rows(name).find().sort({ _id: 1 }).toArray();
const run = (...pipeline: object[]) => rows('source').aggregate(pipeline).toArray();

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  for (const name of ['source', 'target']) await rows(name).drop();
  await rows('source').insertMany([1, 2, 3].map((_id) => ({ _id, n: _id * 10 })));
});

describe('$out', () => {
  it('makes the collection, answering nothing', async () => {
    expect(await run({ $match: { n: { $gt: 10 } } }, { $out: 'target' })).toEqual([]);
    expect(await all('target')).toEqual([
      { _id: 2, n: 20 },
      { _id: 3, n: 30 },
    ]);
  });

  it('takes the place of what was there and keeps its indexes', async () => {
    await rows('target').insertOne({ _id: 9, n: 9, tags: ['a'] });
    await rows('target').createIndex({ n: 1 }, { unique: true });
    await run({ $set: { tags: [1, 2] } }, { $out: { db: 'tributary', coll: 'target' } });
    expect((await all('target')).map(({ _id }) => _id)).toEqual([1, 2, 3]);
    expect((await rows('target').indexes()).map(({ name }) => name)).toEqual(['_id_', 'n_1']);
    expect(await rows('target').find({ n: 20 }).hint('n_1').toArray()).toHaveLength(1);
    await expect(rows('target').insertOne({ _id: 4, n: 20 })).rejects.toMatchObject({ code: 11000 });
  });

  it('leaves all as it was when one document cannot be written', async () => {
    await rows('target').insertOne({ _id: 9, same: 0 });
    await rows('target').createIndex({ same: 1 }, { unique: true });
    await expect(run({ $set: { same: 1 } }, { $out: 'target' })).rejects.toMatchObject({ code: 11000 });
    expect(await all('target')).toEqual([{ _id: 9, same: 0 }]);
  });

  it('fails, and changes nothing, when an index is made meanwhile', async () => {
    await rows('target').insertOne({ _id: 9 });
    await rows('source').insertMany(Array.from({ length: 6000 }, (_, n) => ({ _id: n + 10, n })));
    const out = run({ $set: { x: { $add: ['$n', 1] } } }, { $out: 'target' }).catch((error) => error);
    // One of these is made while the documents are written; those before are kept by the new collection.
    for (let n = 0; n < 1000 && (await Promise.race([out, null])) === null; n += 1)
      await rows('target').createIndex({ [`f${n}`]: 1 });
    expect(await out).toMatchObject({ code: 96 });
    expect(await rows('target').distinct('_id')).toEqual([9]);
  });

  it('may replace the collection it reads', async () => {
    await run({ $match: { _id: 2 } }, { $out: 'source' });
    expect(await all('source')).toEqual([{ _id: 2, n: 20 }]);
  });

  it('gives documents without _id one', async () => {
    await run({ $project: { _id: 0, n: 1 } }, { $out: 'target' });
    expect((await all('target')).map(({ _id }) => typeof _id)).toEqual(['object', 'object', 'object']);
  });

  it('is refused in a transaction with 263', async () => {
    const inTransaction = store.transaction((session) =>
      rows('source')
        .aggregate([{ $out: 'target' }], { session })
        .toArray(),
    );
    await expect(inTransaction).rejects.toMatchObject({ code: 263 });
  });
});

describe('$merge', () => {
  beforeEach(() => rows('target').insertMany([{ _id: 2, old: true, n: 2 }]));

  it.each<[string, object, Row[]]>([
    [
      'merge and insert',
      {},
      [
        { _id: 1, n: 10 },
        { _id: 2, old: true, n: 20 },
        { _id: 3, n: 30 },
      ],
    ],
    ['replace', { whenMatched: 'replace', whenNotMatched: 'discard' }, [{ _id: 2, n: 20 }]],
    [
      'keepExisting',
      { whenMatched: 'keepExisting' },
      [
        { _id: 1, n: 10 },
        { _id: 2, old: true, n: 2 },
        { _id: 3, n: 30 },
      ],
    ],
    [
      'a pipeline',
      { whenMatched: [{ $set: { n: { $add: ['$n', '$$new.n'] } } }], whenNotMatched: 'discard' },
      [{ _id: 2, old: true, n: 22 }],
    ],
    [
      'a pipeline with let',
      { let: { by: '$_id' }, whenMatched: [{ $set: { by: '$$by' } }], whenNotMatched: 'discard' },
      [{ _id: 2, old: true, n: 2, by: 2 }],
    ],
  ])('%s', async (_name, options, expected) => {
    await run({ $sort: { _id: 1 } }, { $merge: { into: 'target', ...options } });
    expect(await all('target')).toEqual(expected);
  });

  it.each<[string, object, number]>([
    ['fail on a match', { whenMatched: 'fail' }, 11000],
    ['fail without a match', { whenNotMatched: 'fail' }, 13113],
    ['a field without a unique index', { on: 'n' }, 51183],
    ['an unknown option', { frob: 1 }, 40415],
    ['an unknown mode', { whenMatched: 'frob' }, 2],
  ])('%s is refused', async (_name, options, code) => {
    await expect(run({ $merge: { into: 'target', ...options } })).rejects.toMatchObject({ code });
  });

  it('merges by a unique field', async () => {
    await rows('target').createIndex({ key: 1 }, { unique: true, name: 'key' });
    await rows('target').updateOne({ n: 2 }, { $set: { key: 'k20' } });
    const named = { $project: { _id: 0, key: { $concat: ['k', { $toString: '$n' }] }, seen: { $literal: true } } };
    await run(named, { $merge: { into: 'target', on: 'key', whenNotMatched: 'discard' } });
    expect(await all('target')).toEqual([{ _id: 2, old: true, n: 2, key: 'k20', seen: true }]);
  });

  it('does not read again what it wrote into the collection it reads', async () => {
    await run({ $set: { _id: { $add: ['$_id', 10] } } }, { $merge: 'source' });
    expect((await all('source')).map(({ _id }) => _id)).toEqual([1, 2, 3, 11, 12, 13]);
  });
});
