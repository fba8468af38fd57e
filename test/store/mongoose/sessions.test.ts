import { join } from 'node:path';
import { type ClientSession, createConnection, mongo, Schema } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openCuttingProxy } from '../../support/cutting-proxy.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store & { dataDir: string };
let made = 0;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

async function accounts(...balances: number[]) {
  made += 1;
  const Account = store.connection.model(`Account${made}`, new Schema({ _id: Number, balance: Number }));
  await Account.insertMany(balances.map((balance, _id) => ({ _id, balance })));
  return Account;
}

describe('withTransaction', () => {
  it('commits documents saved in it, and keeps nothing of a failed one', async () => {
    const Account = await accounts(100, 0);
    const transfer = (amount: number) =>
      store.connection.withSession((session) =>
        session.withTransaction(async () => {
          const [from, to] = await Account.find().sort('_id').session(session);
          if (!from || !to) throw new Error('no accounts');
          from.balance = (from.balance ?? 0) - amount;
          to.balance = (to.balance ?? 0) + amount;
          await from.save();
          await to.save();
          if (from.balance < 0) throw new RangeError('not covered');
        }),
      );
    await transfer(30);
    await expect(transfer(500)).rejects.toBeInstanceOf(RangeError);
    expect((await Account.find().sort('_id').lean()).map(({ balance }) => balance)).toEqual([70, 30]);
  });

  it('resets documents when connection.transaction begins anew', async () => {
    const Account = await accounts();
    const fresh = new Account({ _id: 1, balance: 1 });
    let tries = 0;
    await store.connection.transaction(async (session) => {
      tries += 1;
      await fresh.save({ session });
      if (tries === 1) throw Object.assign(new mongo.MongoServerError({ message: 'again' }), transient());
    });
    expect(tries).toBe(2);
    expect(await Account.countDocuments()).toBe(1);
  });

  it('begins anew after a conflict, until all have happened', async () => {
    const Account = await accounts(0);
    const add = () =>
      store.connection.withSession((session) =>
        session.withTransaction(async () => {
          const account = await Account.findById(0).session(session).orFail();
          account.balance = (account.balance ?? 0) + 1;
          await account.save({ session });
        }),
      );
    await Promise.all(Array.from({ length: 8 }, add));
    expect((await Account.findById(0).orFail()).balance).toBe(8);
  });

  it('spans connections and collections', async () => {
    const [Left, Right] = [await accounts(1), await accounts(1)];
    const session = await store.connection.startSession();
    session.startTransaction();
    // Each goes over whichever connection of the pool is free.
    for (let at = 1; at <= 10; at += 1) {
      await Left.create([{ _id: at, balance: at }], { session });
      await Promise.all([Right.findOne().lean(), Left.findOne().lean()]);
      await Right.create([{ _id: at, balance: at }], { session });
    }
    expect([await Left.countDocuments(), await Left.countDocuments().session(session)]).toEqual([1, 11]);
    await session.commitTransaction();
    await session.endSession();
    expect([await Left.countDocuments(), await Right.countDocuments()]).toEqual([11, 11]);
  });
});

function transient() {
  return { hasErrorLabel: (label: string) => label === 'TransientTransactionError' };
}

/** Resolves when the server knows of the stream: mongoose opens it later than it hands it over. */
async function reached(stream: object): Promise<void> {
  const { $driverChangeStreamPromise } = stream as { $driverChangeStreamPromise: Promise<unknown> };
  await $driverChangeStreamPromise;
  await (stream as { driverChangeStream: mongo.ChangeStream }).driverChangeStream.tryNext();
}

describe('watch', () => {
  const soon = { maxAwaitTimeMS: 50 };

  it('tells each change, and resumes after any of them', async () => {
    const Account = await accounts();
    const stream = Account.watch([], soon);
    await reached(stream);
    const account = await Account.create({ _id: 1, balance: 1 });
    account.balance = 2;
    await account.save();
    await account.deleteOne();
    const events = [await stream.next(), await stream.next(), await stream.next()];
    await stream.close();
    expect(events.map(({ operationType }) => operationType)).toEqual(['insert', 'update', 'delete']);
    const resumed = Account.watch([], { resumeAfter: events[0]?._id });
    expect((await resumed.next()).operationType).toBe('update');
    await resumed.close();
  });

  it('looks the document up, and filters', async () => {
    const Account = await accounts(5, 6);
    const stream = Account.watch([{ $match: { 'fullDocument.balance': { $gt: 10 } } }], {
      ...soon,
      fullDocument: 'updateLookup',
    });
    await reached(stream);
    await Account.updateOne({ _id: 0 }, { balance: 7 });
    await Account.updateOne({ _id: 1 }, { balance: 70 });
    expect(await stream.next()).toMatchObject({ documentKey: { _id: 1 }, fullDocument: { balance: 70 } });
    await stream.close();
  });

  it('calls back, and a whole connection can be watched', async () => {
    const Account = await accounts();
    const stream = store.connection.watch(
      [{ $match: { operationType: 'insert', 'ns.coll': Account.collection.name } }],
      soon,
    );
    const seen = new Promise((resolve) => stream.on('change', resolve));
    await Account.create({ _id: 9, balance: 9 });
    expect(await seen).toMatchObject({ fullDocument: { _id: 9 } });
    await stream.close();
  });
});

describe('a session', () => {
  it('reads what it wrote, by operation time', async () => {
    const Account = await accounts(1);
    const session = await store.connection.startSession({ causalConsistency: true });
    await Account.updateOne({ _id: 0 }, { balance: 2 }, { session });
    const { operationTime } = session as ClientSession & { operationTime?: mongo.Timestamp };
    expect(operationTime?.getHighBits()).toBeGreaterThan(0);
    const other = await store.connection.startSession();
    other.advanceOperationTime(operationTime as mongo.Timestamp);
    expect((await Account.findById(0).session(other).lean().orFail()).balance).toBe(2);
    await Promise.all([session.endSession(), other.endSession()]);
  });

  it('has a write whose answer was lost happen once', async () => {
    const Account = await accounts(0);
    const proxy = await openCuttingProxy(join(store.dataDir, 'store', 'store.sock'));
    const client = await createConnection(proxy.uri, { dbName: store.connection.name }).asPromise();
    const rows = client.collection<{ _id: number; balance: number }>(Account.collection.name);
    proxy.cut(['update', 'findAndModify', 'insert', 'delete']);
    await rows.updateOne({ _id: 0 }, { $inc: { balance: 1 } });
    const changed = await rows.findOneAndUpdate({ _id: 0 }, { $inc: { balance: 1 } }, { returnDocument: 'after' });
    const inserted = await rows.insertMany([
      { _id: 1, balance: 0 },
      { _id: 2, balance: 0 },
    ]);
    const deleted = await rows.deleteOne({ _id: 2 });
    await client.close();
    await proxy.close();
    expect(proxy.cuts).toBe(4);
    expect([changed?.balance, inserted.insertedCount, deleted.deletedCount]).toEqual([2, 2, 1]);
    expect(await Account.find().sort('_id').lean()).toMatchObject([{ balance: 2 }, { _id: 1 }]);
  });
});
