import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
type Row = { _id: string | number; n?: number };
const rows = () => store.connection.collection<Row>('rows');
const others = () => store.connection.collection<Row>('others');

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  await rows().deleteMany({});
  await others().deleteMany({});
});

it('commits all of it', async () => {
  const result = await store.transaction(async (session) => {
    await rows().insertOne({ _id: 1 }, { session });
    await others().insertOne({ _id: 1 }, { session });
    return 'done';
  });
  expect(result).toBe('done');
  expect([await rows().countDocuments(), await others().countDocuments()]).toEqual([1, 1]);
});

it('keeps nothing of a transaction that throws', async () => {
  const failing = store.transaction(async (session) => {
    await rows().insertOne({ _id: 1 }, { session });
    await rows().updateOne({ _id: 2 }, { $set: { n: 1 } }, { session, upsert: true });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await rows().countDocuments()).toBe(0);
});

it('sees its own writes, others do not before the commit', async () => {
  await rows().insertOne({ _id: 1, n: 1 });
  await store.transaction(async (session) => {
    await rows().updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    await rows().insertOne({ _id: 2, n: 3 }, { session });
    await rows().deleteOne({ _id: 9 }, { session });
    expect(
      await rows()
        .find({ n: { $gte: 2 } }, { session })
        .sort({ _id: 1 })
        .toArray(),
    ).toEqual([
      { _id: 1, n: 2 },
      { _id: 2, n: 3 },
    ]);
    expect(await rows().countDocuments({}, { session })).toBe(2);
    expect(await rows().find().toArray()).toEqual([{ _id: 1, n: 1 }]);
  });
  expect(await rows().countDocuments()).toBe(2);
});

it('is over after a duplicate key', async () => {
  await rows().insertOne({ _id: 1 });
  const failing = store.transaction(async (session) => {
    await others().insertOne({ _id: 1 }, { session });
    await rows().insertOne({ _id: 1 }, { session });
  });
  await expect(failing).rejects.toMatchObject({ code: 11000 });
  expect(await others().countDocuments()).toBe(0);
});

it('loses no increment of many at once', async () => {
  await rows().insertOne({ _id: 'counter', n: 0 });
  const increment = () =>
    store.transaction(async (session) => {
      const found = await rows().findOne({ _id: 'counter' }, { session });
      await rows().updateOne({ _id: 'counter' }, { $set: { n: (found?.n ?? 0) + 1 } }, { session });
    });
  await Promise.all(Array.from({ length: 12 }, increment));
  expect((await rows().findOne({ _id: 'counter' }))?.n).toBe(12);
});

it('loses no increment outside transactions', async () => {
  await rows().insertOne({ _id: 'counter', n: 0 });
  await Promise.all(Array.from({ length: 200 }, () => rows().updateOne({ _id: 'counter' }, { $inc: { n: 1 } })));
  expect((await rows().findOne({ _id: 'counter' }))?.n).toBe(200);
});

it('lets two that read what the other writes not both commit', async () => {
  await rows().insertMany([
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
  ]);
  // Each takes from one only while the sum allows it: with snapshots alone both would, and the sum would be negative.
  const take = (id: string) =>
    store.transaction(async (session) => {
      const all = await rows().find({}, { session }).toArray();
      const sum = all.reduce((total, { n = 0 }) => total + n, 0);
      if (sum >= 2) await rows().updateOne({ _id: id }, { $inc: { n: -2 } }, { session });
    });
  await Promise.all([take('a'), take('b')]);
  const all = await rows().find().toArray();
  expect(all.reduce((total, { n = 0 }) => total + n, 0)).toBe(0);
});

it('sees no document appear in a range it has read', async () => {
  let runs = 0;
  await store.transaction(async (session) => {
    runs += 1;
    const before = await rows().countDocuments({}, { session });
    if (runs === 1) await rows().insertOne({ _id: 'phantom' });
    await others().insertOne({ _id: 'seen', n: before }, { session });
  });
  expect(runs).toBe(2);
  expect(await others().findOne()).toEqual({ _id: 'seen', n: 1 });
});

it('answers a conflict as transient', async () => {
  await rows().insertOne({ _id: 1, n: 0 });
  const session = await store.connection.startSession();
  session.startTransaction();
  await rows().updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
  await rows().updateOne({ _id: 1 }, { $inc: { n: 10 } });
  const error = await session.commitTransaction().catch((it) => it);
  await session.endSession();
  expect(error).toMatchObject({ code: 112 });
  expect(error.hasErrorLabel('TransientTransactionError')).toBe(true);
  expect((await rows().findOne({ _id: 1 }))?.n).toBe(10);
});

it('aborts with its session', async () => {
  const session = await store.connection.startSession();
  session.startTransaction();
  await rows().insertOne({ _id: 1 }, { session });
  await session.endSession();
  expect(await rows().countDocuments()).toBe(0);
});

it('commits once when asked twice', async () => {
  const session = await store.connection.startSession();
  session.startTransaction();
  await rows().insertOne({ _id: 1 }, { session });
  await session.commitTransaction();
  await session.commitTransaction();
  await session.endSession();
  expect(await rows().countDocuments()).toBe(1);
});

it('refuses what cannot be part of it', async () => {
  const failing = store.transaction(async (session) => {
    await rows().drop({ session });
  });
  await expect(failing).rejects.toMatchObject({ code: 263 });
});

it('reads a long cursor inside it', async () => {
  await rows().insertMany(Array.from({ length: 400 }, (_, _id) => ({ _id })));
  const seen = await store.transaction(async (session) => {
    await rows().insertOne({ _id: 400 }, { session });
    return (await rows().find({}, { session }).batchSize(50).toArray()).length;
  });
  expect(seen).toBe(401);
});

it('shows no command of a transaction what overtook it meanwhile', async () => {
  const last = 19_999;
  await rows().insertMany(Array.from({ length: last + 1 }, (_, _id) => ({ _id, n: 0 })));
  const views: unknown[] = [];
  let outside: Promise<unknown> | undefined;
  await store.transaction(async (session) => {
    const n = (await rows().findOne({ _id: last }, { session }))?.n ?? -1;
    // Longer than a scan may hold the thread, so that the write outside falls within it.
    const counting = rows().countDocuments({ n }, { session });
    outside ??= rows().updateOne({ _id: last }, { $set: { n: 1 } });
    views.push([n, await counting]);
  });
  await outside;
  expect(views).toEqual([[1, 1]]);
});
