import mongoose, { Schema, Types } from 'mongoose';
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
  const built = store.connection.model<Shape>(`Written${made}`, schema);
  await built.init();
  return built;
}

/** A model for which mongoose checks nothing: what arrives is what was asked. */
const loose = () => model(new Schema({}, { strict: false, versionKey: false }));

describe('one update of one document', () => {
  it.each<[string, object, object, object, object?]>([
    ['$push', { a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
    ['$push makes the array', {}, { $push: { a: 1 } }, { a: [1] }],
    [
      '$push $each $position $slice',
      { a: [1, 2] },
      { $push: { a: { $each: [8, 9], $position: 0, $slice: 3 } } },
      { a: [8, 9, 1] },
    ],
    [
      '$push $sort by field',
      { a: [{ n: 2 }] },
      { $push: { a: { $each: [{ n: 3 }, { n: 1 }], $sort: { n: -1 } } } },
      { a: [{ n: 3 }, { n: 2 }, { n: 1 }] },
    ],
    ['$push $slice from the end', { a: [1, 2] }, { $push: { a: { $each: [3], $slice: -2 } } }, { a: [2, 3] }],
    ['$addToSet', { a: [1, 2] }, { $addToSet: { a: { $each: [2, 3, 3] } } }, { a: [1, 2, 3] }],
    ['$pull by value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
    ['$pull by condition', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    ['$pull by fields', { a: [{ k: 1, v: 1 }, { k: 2 }] }, { $pull: { a: { k: 1 } } }, { a: [{ k: 2 }] }],
    ['$pullAll', { a: [1, 2, 3, 2] }, { $pullAll: { a: [2, 3] } }, { a: [1] }],
    ['$pop last', { a: [1, 2, 3] }, { $pop: { a: 1 } }, { a: [1, 2] }],
    ['$pop first', { a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
    ['positional $', { a: [1, 5, 5] }, { $set: { 'a.$': 0 } }, { a: [1, 0, 5] }, { a: 5 }],
    ['all positional $[]', { a: [{ n: 1 }, { n: 2 }] }, { $inc: { 'a.$[].n': 10 } }, { a: [{ n: 11 }, { n: 12 }] }],
    ['index in a path', { a: [1, 2] }, { $set: { 'a.3': 9 } }, { a: [1, 2, null, 9] }],
    ['$inc and $mul', { n: 2, m: 3 }, { $inc: { n: -5 }, $mul: { m: 2 } }, { n: -3, m: 6 }],
    ['$min and $max', { n: 2, m: 3 }, { $min: { n: 1 }, $max: { m: 9 } }, { n: 1, m: 9 }],
    ['$rename', { old: 1 }, { $rename: { old: 'young' } }, { young: 1 }],
    ['$unset', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '' } }, { b: { d: 2 } }],
    ['$bit', { n: 12 }, { $bit: { n: { xor: 5 } } }, { n: 9 }],
    ['$setOnInsert is for inserts', { a: 1 }, { $set: { a: 2 }, $setOnInsert: { b: 1 } }, { a: 2 }],
    ['a path makes its parents', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ])('%s', async (_name, before, update, after, filter = {}) => {
    const Loose = await loose();
    const { _id } = await Loose.create(before);
    const result = await Loose.updateOne({ _id, ...filter }, update);
    expect(result).toMatchObject({ matchedCount: 1 });
    expect(await Loose.findById(_id).select('-_id').lean()).toEqual(after);
  });

  it('arrayFilters', async () => {
    const Loose = await loose();
    await Loose.create({
      grades: [
        { n: 80, q: [1, 9] },
        { n: 95, q: [2] },
      ],
    });
    await Loose.updateOne(
      {},
      { $set: { 'grades.$[high].q.$[big]': 0 } },
      { arrayFilters: [{ 'high.n': { $lt: 90 } }, { big: { $gt: 5 } }] },
    );
    expect(await Loose.findOne().select('-_id').lean()).toEqual({
      grades: [
        { n: 80, q: [1, 0] },
        { n: 95, q: [2] },
      ],
    });
  });

  it('pipeline', async () => {
    const Loose = await loose();
    await Loose.create([
      { a: 1, b: 2 },
      { a: 5, b: 5 },
    ]);
    const stages = [{ $set: { sum: { $add: ['$a', '$b'] } } }, { $unset: 'b' }];
    await Loose.updateMany({}, stages, { updatePipeline: true });
    expect(await Loose.find().sort({ a: 1 }).select('-_id').lean()).toEqual([
      { a: 1, sum: 3 },
      { a: 5, sum: 10 },
    ]);
  });
});

describe('find and change', () => {
  it('upserts, and says so', async () => {
    const Counter = await model(new Schema({ _id: String, n: Number }));
    const options = { upsert: true, new: true, includeResultMetadata: true } as const;
    const first = await Counter.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, options);
    expect(first).toMatchObject({
      value: { _id: 'a', n: 1 },
      lastErrorObject: { updatedExisting: false, upserted: 'a' },
    });
    const second = await Counter.findOneAndUpdate({ _id: 'a' }, { $inc: { n: 1 } }, options);
    expect(second).toMatchObject({ value: { n: 2 }, lastErrorObject: { n: 1, updatedExisting: true }, ok: 1 });
  });

  it.each([
    ['before', false, 1],
    ['after', true, 2],
  ])('answers the document %s', async (_name, isNew, n) => {
    const Loose = await loose();
    await Loose.create({ n: 1, other: true });
    const found = await Loose.findOneAndUpdate({}, { $inc: { n: 1 } }, { new: isNew })
      .select('n -_id')
      .lean();
    expect(found).toEqual({ n });
  });

  it('takes the first by sort, replaces, deletes', async () => {
    const Loose = await loose();
    await Loose.insertMany([{ _id: new Types.ObjectId(), n: 3 }, { n: 1 }, { n: 2 }]);
    await Loose.findOneAndReplace({ n: { $gt: 0 } }, { n: 10 }, { sort: { n: 1 } });
    const deleted = await Loose.findOneAndDelete({}, { sort: { n: -1 } }).lean();
    expect(deleted).toMatchObject({ n: 10 });
    expect((await Loose.distinct('n')).sort()).toEqual([2, 3]);
    expect(await Loose.findOneAndDelete({ n: 99 })).toBeNull();
  });

  it('lets one of many at once make the document', async () => {
    const Counter = await model(new Schema({ key: { type: String, unique: true }, n: Number }));
    const upsert = () => Counter.findOneAndUpdate({ key: 'k' }, { $inc: { n: 1 } }, { upsert: true, new: true });
    await Promise.all(Array.from({ length: 20 }, upsert));
    expect(await Counter.find().lean()).toMatchObject([{ key: 'k', n: 20 }]);
  });
});

describe('optimistic concurrency', () => {
  it('refuses to save what somebody else saved', async () => {
    const Row = await model(new Schema({ n: Number }, { optimisticConcurrency: true }));
    const { _id } = await Row.create({ n: 1 });
    const [mine, theirs] = [await Row.findById(_id).orFail(), await Row.findById(_id).orFail()];
    theirs.n = 2;
    await theirs.save();
    mine.n = 3;
    await expect(mine.save()).rejects.toBeInstanceOf(mongoose.Error.VersionError);
    expect((await Row.findById(_id).orFail()).n).toBe(2);
  });

  it('guards array positions by the version key', async () => {
    const Row = await model(new Schema({ list: [{ n: Number }] }));
    const { _id } = await Row.create({ list: [{ n: 1 }, { n: 2 }] });
    const [mine, theirs] = [await Row.findById(_id).orFail(), await Row.findById(_id).orFail()];
    theirs.list.shift();
    await theirs.save();
    const second = mine.list[1];
    if (second) second.n = 9;
    await expect(mine.save()).rejects.toBeInstanceOf(mongoose.Error.VersionError);
  });
});

describe('many writes in one', () => {
  it('bulkWrite does each kind', async () => {
    const Row = await model(new Schema({ k: Number, n: Number }));
    const result = await Row.bulkWrite([
      { insertOne: { document: { k: 1, n: 1 } } },
      { insertOne: { document: { k: 2, n: 1 } } },
      { updateOne: { filter: { k: 1 }, update: { $inc: { n: 5 } } } },
      { updateMany: { filter: {}, update: { $inc: { n: 1 } } } },
      { replaceOne: { filter: { k: 3 }, replacement: { k: 3, n: 3 }, upsert: true } },
      { deleteOne: { filter: { k: 2 } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 2, modifiedCount: 3, upsertedCount: 1, deletedCount: 1 });
    expect(await Row.find().sort({ k: 1 }).select('k n -_id').lean()).toEqual([
      { k: 1, n: 7 },
      { k: 3, n: 3 },
    ]);
  });

  it.each([
    [true, [1]],
    [false, [1, 2, 3]],
  ])('insertMany with duplicates, ordered %s', async (ordered, stored) => {
    const Row = await model(new Schema({ _id: Number }));
    const error = await Row.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }], { ordered }).catch(
      (it: unknown) => it,
    );
    expect(error).toMatchObject({ code: 11000, insertedCount: stored.length });
    expect(await Row.distinct('_id')).toEqual(stored);
  });

  it('bulkSave stores what changed', async () => {
    const Row = await model(new Schema({ n: Number }));
    const rows = await Row.create([{ n: 1 }, { n: 2 }, { n: 3 }]);
    for (const row of rows) row.n = (row.n ?? 0) * 10;
    await Row.bulkSave(rows);
    expect(await Row.distinct('n')).toEqual([10, 20, 30]);
  });

  it('deleteMany and updateMany count', async () => {
    const Row = await model(new Schema({ n: Number }));
    await Row.insertMany(Array.from({ length: 20 }, (_, n) => ({ n })));
    expect(await Row.updateMany({ n: { $lt: 5 } }, { $set: { n: 0 } })).toMatchObject({
      matchedCount: 5,
      modifiedCount: 4,
    });
    expect(await Row.deleteMany({ n: 0 })).toMatchObject({ deletedCount: 5 });
    expect(await Row.estimatedDocumentCount()).toBe(15);
  });
});
