import { Schema } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
let made = 0;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function model<Shape>(schema: Schema<Shape>) {
  made += 1;
  const built = store.connection.model<Shape>(`Indexed${made}`, schema);
  await built.init();
  return built;
}

describe('a unique index', () => {
  it('names what is there twice', async () => {
    const User = await model(
      new Schema({ tenant: String, mail: String }).index({ tenant: 1, mail: 1 }, { unique: true }),
    );
    await User.create({ tenant: 'a', mail: 'x' });
    await expect(User.create({ tenant: 'a', mail: 'x' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { tenant: 1, mail: 1 },
      keyValue: { tenant: 'a', mail: 'x' },
    });
    await User.create([
      { tenant: 'b', mail: 'x' },
      { tenant: 'a', mail: 'y' },
    ]);
    await expect(User.updateOne({ mail: 'y' }, { mail: 'x' })).rejects.toMatchObject({ code: 11000 });
    expect(await User.countDocuments()).toBe(3);
  });

  it.each<[string, object, object[], number]>([
    ['takes one absent value', { unique: true }, [{}, {}], 1],
    ['sparse: takes many absent values', { unique: true, sparse: true }, [{}, {}, { mail: 'x' }, { mail: 'x' }], 3],
    ['sparse: null is a value', { unique: true, sparse: true }, [{ mail: null }, { mail: null }], 1],
    [
      'partial: holds for its part',
      { unique: true, partialFilterExpression: { active: true } },
      [{ mail: 'x' }, { mail: 'x' }, { mail: 'x', active: true }, { mail: 'x', active: true }],
      3,
    ],
    ['array: each element once', { unique: true }, [{ mail: ['a', 'b'] }, { mail: ['b'] }, { mail: ['c'] }], 2],
  ])('%s', async (_name, options, documents, stored) => {
    const schema = new Schema({ mail: Schema.Types.Mixed, active: Boolean });
    const User = await model(schema.index({ mail: 1 }, options));
    const results = await Promise.allSettled(documents.map((document) => User.create(document)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(stored);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 11000, keyPattern: { mail: 1 } });
    expect(await User.countDocuments()).toBe(stored);
  });

  it('is refused over duplicates, and then is not there', async () => {
    const User = await model(new Schema({ n: Number }));
    await User.create([{ n: 1 }, { n: 1 }]);
    await expect(User.collection.createIndex({ n: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect((await User.listIndexes()).map(({ name }) => name)).toEqual(['_id_']);
  });
});

describe('indexes of a schema', () => {
  it('are made, compared and brought into line', async () => {
    const schema = new Schema({ a: Number, b: { type: Number, index: true }, at: { type: Date, expires: 3600 } });
    const Row = await model(schema);
    expect((await Row.listIndexes()).map(({ name }) => name).sort()).toEqual(['_id_', 'at_1', 'b_1']);
    await Row.collection.createIndex({ a: -1 }, { name: 'stray' });
    expect(await Row.diffIndexes()).toEqual({ toDrop: ['stray'], toCreate: [] });
    expect(await Row.syncIndexes()).toEqual(['stray']);
    expect((await Row.listIndexes()).find(({ name }) => name === 'at_1')).toMatchObject({ expireAfterSeconds: 3600 });
  });

  it('refuse to be two by one name', async () => {
    const Row = await model(new Schema({ a: Number }));
    await Row.collection.createIndex({ a: 1 }, { name: 'one' });
    await expect(Row.collection.createIndex({ b: 1 }, { name: 'one' })).rejects.toMatchObject({ code: 86 });
    await expect(Row.collection.createIndex({ a: 1 }, { name: 'two' })).rejects.toMatchObject({ code: 85 });
  });

  it.each<[string, object, object, { keys: number; documents: number; found: number }]>([
    ['equality', { a: 3 }, {}, { keys: 10, documents: 10, found: 10 }],
    ['equality and range', { a: 3, b: { $gte: 5 } }, {}, { keys: 5, documents: 5, found: 5 }],
    ['prefix in index order', { a: 3 }, { b: -1 }, { keys: 10, documents: 10, found: 10 }],
    ['_id', { _id: 7 }, {}, { keys: 1, documents: 1, found: 1 }],
    ['no index', { c: 1 }, {}, { keys: 0, documents: 100, found: 1 }],
  ])('spare work: %s', async (_name, filter, sort, { keys, documents, found }) => {
    const Row = await model(new Schema({ _id: Number, a: Number, b: Number, c: Number }).index({ a: 1, b: 1 }));
    await Row.insertMany(Array.from({ length: 100 }, (_, n) => ({ _id: n, a: n % 10, b: Math.floor(n / 10), c: n })));
    const explained = await Row.find(filter)
      .sort(sort as never)
      .explain('executionStats');
    const { executionStats } = explained as unknown as {
      executionStats: { nReturned: number; totalKeysExamined: number; totalDocsExamined: number };
    };
    expect(executionStats.nReturned).toBe(found);
    expect(executionStats.totalDocsExamined).toBe(documents);
    // One key more may be looked at to see the end of a range.
    expect(executionStats.totalKeysExamined - keys).toBeGreaterThanOrEqual(0);
    expect(executionStats.totalKeysExamined - keys).toBeLessThanOrEqual(keys === 0 ? 0 : 1);
  });
});
