import mongoose, { Schema } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const { Types } = mongoose;
let made = 0;
/** A model over a collection of its own. */
function model<Fields>(definition: object, options: object = {}): mongoose.Model<Fields> {
  made += 1;
  const schema = new Schema(definition as mongoose.SchemaDefinition, { versionKey: false, ...options } as object);
  return store.connection.model(`Model${made}`, schema) as unknown as mongoose.Model<Fields>;
}

it('gives a created document back as it was', async () => {
  const Account = model<{ name: string; tags: string[]; address: { city: string } }>({
    name: String,
    tags: [String],
    address: { city: String },
  });
  const { _id } = await Account.create({ name: 'Ångström', tags: ['a', 'b'], address: { city: 'Oslo' } });
  expect(await Account.findById(_id).lean()).toEqual({
    _id,
    name: 'Ångström',
    tags: ['a', 'b'],
    address: { city: 'Oslo' },
  });
});

it('keeps decimals, bytes, big integers, uuids, dates and maps', async () => {
  const Values = model<Record<string, unknown>>({
    decimal: Schema.Types.Decimal128,
    bytes: Buffer,
    big: BigInt,
    uuid: Schema.Types.UUID,
    at: Date,
    map: { type: Map, of: Number },
    nothing: Schema.Types.Mixed,
  });
  const at = new Date('2026-01-02T03:04:05.678Z');
  const { _id } = await Values.create({
    decimal: Types.Decimal128.fromString('12345678901234567890.1234'),
    bytes: Buffer.from([0, 255, 7]),
    big: 9007199254740993n,
    uuid: '0b9cf2c4-6f0c-4b6f-9d5d-0e5d8f7f0a11',
    at,
    map: { one: 1 },
    nothing: null,
  });
  const found = (await Values.findById(_id)) as unknown as Record<string, { toString(): string }>;
  expect(String(found['decimal'])).toBe('12345678901234567890.1234');
  expect(Buffer.from(found['bytes'] as unknown as Uint8Array)).toEqual(Buffer.from([0, 255, 7]));
  expect(found['big']).toBe(9007199254740993n);
  expect(String(found['uuid'])).toBe('0b9cf2c4-6f0c-4b6f-9d5d-0e5d8f7f0a11');
  expect(found['at']).toEqual(at);
  expect((found['map'] as unknown as Map<string, number>).get('one')).toBe(1);
  expect(found['nothing']).toBeNull();
});

it('stores what was sent byte for byte', async () => {
  const raw = store.connection.collection('raw');
  await raw.insertOne({
    _id: 'double' as never,
    value: new mongoose.mongo.Double(5),
    long: mongoose.mongo.Long.fromNumber(7),
  });
  const found = await raw.findOne({ _id: 'double' as never }, { promoteValues: false });
  expect(found?.['value']).toEqual(new mongoose.mongo.Double(5));
  expect(mongoose.mongo.Long.isLong(found?.['long'])).toBe(true);
});

it('takes hundreds of documents in one insertMany', async () => {
  const Row = model<{ n: number }>({ n: Number });
  await Row.insertMany(Array.from({ length: 750 }, (_, n) => ({ n })));
  expect(await Row.countDocuments()).toBe(750);
  expect(await Row.estimatedDocumentCount()).toBe(750);
});

it('refuses a second document of one _id with 11000', async () => {
  const Row = model<{ _id: string }>({ _id: String });
  await Row.create({ _id: 'x' });
  await expect(Row.create({ _id: 'x' })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { _id: 1 },
    keyValue: { _id: 'x' },
  });
});

it('inserts the others of an unordered insertMany with duplicates', async () => {
  const Row = model<{ _id: number }>({ _id: Number });
  const failure = await Row.collection
    .insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }] as never[], { ordered: false })
    .catch((error) => error);
  expect(failure).toMatchObject({ code: 11000, insertedCount: 2 });
  expect(await Row.countDocuments()).toBe(2);
});

it('stops an ordered insertMany at the first duplicate', async () => {
  const Row = model<{ _id: number }>({ _id: Number });
  await Row.collection.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }] as never[]).catch((error) => error);
  expect(await Row.countDocuments()).toBe(1);
});

it('sets timestamps on create and update', async () => {
  const Row = model<{ name: string; createdAt: Date; updatedAt: Date }>({ name: String }, { timestamps: true });
  const created = await Row.create({ name: 'a' });
  const updated = await Row.findByIdAndUpdate(created._id, { name: 'b' }, { returnDocument: 'after' });
  expect(updated?.createdAt).toEqual(created.createdAt);
  expect(Number(updated?.updatedAt)).toBeGreaterThanOrEqual(Number(created.updatedAt));
});

it('upserts by findOneAndUpdate, seeding from the query and $setOnInsert', async () => {
  const Row = model<{ key: string; n: number; first: boolean }>({ key: String, n: Number, first: Boolean });
  const upsert = () =>
    Row.findOneAndUpdate(
      { key: 'k' },
      { $inc: { n: 2 }, $setOnInsert: { first: true } },
      { upsert: true, returnDocument: 'after' },
    ).lean();
  expect(await upsert()).toMatchObject({ key: 'k', n: 2, first: true });
  expect(await upsert()).toMatchObject({ key: 'k', n: 4, first: true });
  expect(await Row.countDocuments()).toBe(1);
});

it('tells by result metadata whether it updated or inserted', async () => {
  const Row = model<{ key: string }>({ key: String });
  const write = () => Row.findOneAndUpdate({ key: 'k' }, {}, { upsert: true, includeResultMetadata: true });
  expect((await write()).lastErrorObject).toMatchObject({ updatedExisting: false, n: 1 });
  expect((await write()).lastErrorObject).toMatchObject({ updatedExisting: true, n: 1 });
});

it('counts matched, modified and upserted', async () => {
  const Row = model<{ n: number }>({ n: Number });
  await Row.create([{ n: 1 }, { n: 1 }, { n: 2 }]);
  expect(await Row.updateMany({ n: 1 }, { n: 3 })).toMatchObject({
    matchedCount: 2,
    modifiedCount: 2,
    upsertedCount: 0,
  });
  expect(await Row.updateMany({ n: 3 }, { n: 3 })).toMatchObject({ matchedCount: 2, modifiedCount: 0 });
  expect(await Row.updateOne({ n: 9 }, { n: 9 }, { upsert: true })).toMatchObject({
    matchedCount: 0,
    upsertedCount: 1,
  });
  expect(await Row.deleteMany({ n: { $gt: 2 } })).toMatchObject({ deletedCount: 3 });
});

it('replaces a document and keeps its _id', async () => {
  const Row = model<{ a?: number; b?: number }>({ a: Number, b: Number });
  const { _id } = await Row.create({ a: 1 });
  await Row.replaceOne({ _id }, { b: 2 });
  expect(await Row.findById(_id).lean()).toEqual({ _id, b: 2 });
});

it('refuses to change an _id', async () => {
  const rows = store.connection.collection('immutable');
  await rows.insertOne({ _id: 1 as never });
  await expect(rows.updateOne({ _id: 1 as never }, { $set: { _id: 2 } })).rejects.toMatchObject({ code: 66 });
});

it('rejects a save over a newer version', async () => {
  const Row = model<{ list: number[] }>({ list: [Number] }, { versionKey: '__v', optimisticConcurrency: true });
  const { _id } = await Row.create({ list: [1] });
  const [mine, theirs] = [await Row.findById(_id), await Row.findById(_id)];
  theirs?.list.push(2);
  await theirs?.save();
  mine?.list.push(3);
  await expect(mine?.save()).rejects.toMatchObject({ name: 'VersionError' });
});

it('saves changes of subdocuments alone', async () => {
  const Row = model<{ items: { sku: string; n: number }[] }>({ items: [{ sku: String, n: Number }] });
  const row = await Row.create({
    items: [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 2 },
    ],
  });
  (row.items[1] as { n: number }).n = 9;
  await row.save();
  expect((await Row.findById(row._id).lean())?.items.map(({ n }) => n)).toEqual([1, 9]);
});

it('populates references', async () => {
  const Owner = model<{ name: string }>({ name: String });
  const Pet = model<{ owner: unknown }>({ owner: { type: Schema.Types.ObjectId, ref: Owner.modelName } });
  const owner = await Owner.create({ name: 'Ada' });
  await Pet.create([{ owner: owner._id }, { owner: owner._id }]);
  const pets = await Pet.find().populate('owner').lean();
  expect(pets.map(({ owner: it }) => (it as { name: string }).name)).toEqual(['Ada', 'Ada']);
});

it('keeps discriminated models apart in one collection', async () => {
  const Base = model<{ at: number }>({ at: Number }, { discriminatorKey: 'kind' });
  const Call = Base.discriminator(`Call${made}`, new Schema({ minutes: Number }));
  const Mail = Base.discriminator(`Mail${made}`, new Schema({ subject: String }));
  await Call.create({ at: 1, minutes: 5 });
  await Mail.create({ at: 2, subject: 's' });
  expect(await Call.countDocuments()).toBe(1);
  expect(await Base.countDocuments()).toBe(2);
});

it('runs a bulkWrite of all kinds', async () => {
  const Row = model<{ _id: number; n: number }>({ _id: Number, n: Number });
  const result = await Row.bulkWrite([
    { insertOne: { document: { _id: 1, n: 1 } } },
    { insertOne: { document: { _id: 2, n: 1 } } },
    { updateMany: { filter: { n: 1 }, update: { $inc: { n: 1 } } } },
    { replaceOne: { filter: { _id: 3 }, replacement: { n: 7 }, upsert: true } },
    { deleteOne: { filter: { _id: 1 } } },
  ]);
  expect(result).toMatchObject({ insertedCount: 2, modifiedCount: 2, upsertedCount: 1, deletedCount: 1 });
  expect(await Row.find().sort({ _id: 1 }).lean()).toEqual([
    { _id: 2, n: 2 },
    { _id: 3, n: 7 },
  ]);
});

it('refuses a document over 16 MB and goes on', async () => {
  const rows = store.connection.collection('large');
  await expect(rows.insertOne({ text: 'x'.repeat(16 * 1024 * 1024) })).rejects.toThrow();
  await rows.insertOne({ text: 'x'.repeat(15 * 1024 * 1024) });
  expect(await rows.countDocuments()).toBe(1);
});

it('tells documents apart whose long _ids begin alike', async () => {
  const rows = store.connection.collection<{ _id: string }>('long-ids');
  const [a, b] = [`${'x'.repeat(3000)}a`, `${'x'.repeat(3000)}b`];
  await rows.insertMany([{ _id: a }, { _id: b }]);
  expect(await rows.findOne({ _id: b })).toEqual({ _id: b });
  await rows.deleteOne({ _id: a });
  expect(await rows.distinct('_id')).toEqual([b]);
});
