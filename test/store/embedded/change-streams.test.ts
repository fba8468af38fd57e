import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../store/connect.ts';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store & { dataDir: string };
type Row = { _id: number; n?: number; text?: string };
/** A short wait for events, so that `opened` is quick. */
const SOON = { maxAwaitTimeMS: 20 };
const { Timestamp } = mongo;
type Rows = mongo.Collection<Row>;
let made = 0;
function collection(of: Store = store) {
  made += 1;
  return of.connection.collection<Row>(`rows${made}`);
}
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Event {
  operationType: string;
  documentKey: { _id: number };
  [name: string]: unknown;
}

/** The next events of a stream, which is closed afterwards. */
async function take(stream: { next(): Promise<unknown>; close(): Promise<void> }, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push((await stream.next()) as Event);
  await stream.close();
  return events;
}

/** A stream that has reached the server. */
async function opened<Stream extends { tryNext(): Promise<unknown> }>(stream: Stream): Promise<Stream> {
  await stream.tryNext();
  return stream;
}

it('tells inserts, updates, replacements and deletes in order', async () => {
  const rows = collection();
  const stream = await opened(rows.watch([], SOON));
  await rows.insertOne({ _id: 1, n: 1, text: 'a' });
  await rows.updateOne({ _id: 1 }, { $set: { n: 2 }, $unset: { text: '' } });
  await rows.replaceOne({ _id: 1 }, { n: 3 });
  await rows.deleteOne({ _id: 1 });
  const events = await take(stream, 4);
  expect(events).toMatchObject([
    {
      operationType: 'insert',
      documentKey: { _id: 1 },
      fullDocument: { _id: 1, n: 1, text: 'a' },
      ns: { coll: rows.collectionName },
    },
    {
      operationType: 'update',
      updateDescription: { updatedFields: { n: 2 }, removedFields: ['text'], truncatedArrays: [] },
    },
    { operationType: 'replace', fullDocument: { _id: 1, n: 3 } },
    { operationType: 'delete', documentKey: { _id: 1 } },
  ]);
});

it('tells a transaction as a whole, under its number', async () => {
  const rows = collection();
  const stream = await opened(rows.watch([], SOON));
  await store.transaction(async (session) => {
    await rows.insertMany([{ _id: 1 }, { _id: 2 }], { session });
  });
  const events = await take(stream, 2);
  expect(events.map(({ documentKey }) => documentKey._id)).toEqual([1, 2]);
  expect(events[0]?.['txnNumber']).toEqual(events[1]?.['txnNumber']);
  expect(events[0]?.['clusterTime']).toEqual(events[1]?.['clusterTime']);
});

it('looks up the document after an update', async () => {
  const rows = collection();
  await rows.insertOne({ _id: 1, n: 1 });
  const stream = await opened(rows.watch([], { ...SOON, fullDocument: 'updateLookup' }));
  await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
  expect(await take(stream, 1)).toMatchObject([{ fullDocument: { _id: 1, n: 2 } }]);
});

it('filters by pipeline', async () => {
  const rows = collection();
  const stream = await opened(
    rows.watch([{ $match: { 'fullDocument.n': { $gt: 5 } } }, { $project: { 'fullDocument.n': 1 } }]),
  );
  await rows.insertMany([
    { _id: 1, n: 1 },
    { _id: 2, n: 9 },
  ]);
  const [event] = await take(stream, 1);
  expect(event?.['fullDocument']).toEqual({ n: 9 });
});

it('watches a whole database', async () => {
  const [a, b] = [collection(), collection()];
  const stream = await opened(store.connection.db!.watch([], SOON));
  await a.insertOne({ _id: 1 });
  await b.insertOne({ _id: 2 });
  expect((await take(stream, 2)).map(({ documentKey }) => documentKey._id)).toEqual([1, 2]);
});

it('resumes after an event', async () => {
  const rows = collection();
  const stream = await opened(rows.watch([], SOON));
  await rows.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  const [first] = await take(stream, 1);
  const resumed = rows.watch([], { resumeAfter: first?.['_id'] });
  expect((await take(resumed, 2)).map(({ documentKey }) => documentKey._id)).toEqual([2, 3]);
});

it('resumes after the store was closed and opened', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const dataDir = await mkdtemp('/tmp/tributary-stream-');
  const before = await openStore({ dataDir });
  const rows = before.connection.collection<Row>('rows');
  const stream = await opened(rows.watch([], SOON));
  await rows.insertMany([{ _id: 1 }, { _id: 2 }]);
  const [first] = await take(stream, 1);
  await before.close();
  const after = await openStore({ dataDir });
  const resumed = after.connection.collection<Row>('rows').watch([], { resumeAfter: first?.['_id'] });
  expect((await take(resumed, 1))[0]?.documentKey._id).toBe(2);
  await after.close();
  await rm(dataDir, { recursive: true });
});

it('starts at a time', async () => {
  const rows = collection();
  const session = await store.connection.startSession();
  await rows.insertOne({ _id: 1 }, { session });
  const startAtOperationTime = session.operationTime!;
  await rows.insertOne({ _id: 2 }, { session });
  await session.endSession();
  const stream = rows.watch([], { startAtOperationTime });
  expect((await take(stream, 2)).map(({ documentKey }) => documentKey._id)).toEqual([1, 2]);
});

describe('a stream ends with what it watches', () => {
  it.each<[string, (rows: Rows) => Promise<unknown>, string[]]>([
    ['dropped', (rows) => rows.drop(), ['drop', 'invalidate']],
    ['renamed', (rows) => rows.rename(`${rows.collectionName}b`), ['rename', 'invalidate']],
    ['its name taken by another', (rows) => replaceBy(rows), ['rename', 'invalidate']],
  ])('a collection: %s', async (_name, end, told) => {
    const rows = collection();
    await rows.insertOne({ _id: 1 });
    const stream = await opened(rows.watch([], SOON));
    await end(rows);
    const events = await take(stream, 2);
    expect(events.map(({ operationType }) => operationType)).toEqual(told);
    expect(events[0]?.['ns']).toMatchObject({ db: store.connection.name });
  });

  it('a database, not for a rename within it', async () => {
    const client = store.connection.getClient();
    const database = client.db('ending');
    const [everything, whole] = [client.watch([], SOON), database.watch([], SOON)];
    await Promise.all([opened(everything), opened(whole)]);
    await database.collection('a').insertOne({ n: 1 });
    await database.collection('a').rename('b');
    await database.dropDatabase();
    const types = (events: Event[]) => events.map(({ operationType }) => operationType);
    expect(types(await take(whole, 5))).toEqual(['insert', 'rename', 'drop', 'dropDatabase', 'invalidate']);
    await client.db('other').collection('a').insertOne({ n: 1 });
    expect(types(await take(everything, 5))).toEqual(['insert', 'rename', 'drop', 'dropDatabase', 'insert']);
  });

  it('and is begun again after its end, or after what ended it', async () => {
    const rows = collection();
    await rows.insertOne({ _id: 1 });
    const stream = await opened(rows.watch([], SOON));
    await rows.drop();
    await rows.insertOne({ _id: 2 });
    const [drop, invalidate] = await take(stream, 2);
    const after = await take(rows.watch([], { startAfter: invalidate?._id }), 1);
    expect(after).toMatchObject([{ operationType: 'insert', documentKey: { _id: 2 } }]);
    expect(await take(rows.watch([], { resumeAfter: drop?._id }), 1)).toMatchObject([{ operationType: 'invalidate' }]);
    await expect(rows.watch([], { resumeAfter: invalidate?._id }).next()).rejects.toMatchObject({ code: 260 });
  });
});

/** Renames another collection onto the name of this one. */
async function replaceBy(rows: Rows): Promise<void> {
  const other = collection();
  await other.insertOne({ _id: 9 });
  await other.rename(rows.collectionName, { dropTarget: true });
}

describe('images', () => {
  it('are there once the collection keeps them', async () => {
    const name = `images${Date.now()}`;
    const db = store.connection.db!;
    const rows = await db.createCollection<Row>(name, { changeStreamPreAndPostImages: { enabled: true } });
    const stream = await opened(
      rows.watch([], { ...SOON, fullDocument: 'required', fullDocumentBeforeChange: 'required' }),
    );
    await rows.insertOne({ _id: 1, n: 1 });
    await rows.updateOne({ _id: 1 }, { $set: { n: 2 } });
    await rows.updateOne({ _id: 1 }, { $set: { n: 3 } });
    await rows.deleteOne({ _id: 1 });
    const events = await take(stream, 4);
    expect(
      events.map(({ fullDocument, fullDocumentBeforeChange }) => [fullDocumentBeforeChange, fullDocument]),
    ).toEqual([
      [undefined, { _id: 1, n: 1 }],
      [
        { _id: 1, n: 1 },
        { _id: 1, n: 2 },
      ],
      [
        { _id: 1, n: 2 },
        { _id: 1, n: 3 },
      ],
      [{ _id: 1, n: 3 }, undefined],
    ]);
  });

  it.each<[string, object, object]>([
    ['whenAvailable', { fullDocument: 'whenAvailable' }, { fullDocument: null }],
    ['before, whenAvailable', { fullDocumentBeforeChange: 'whenAvailable' }, { fullDocumentBeforeChange: null }],
  ])('are null where they are not kept: %s', async (_name, options, expected) => {
    const rows = collection();
    await rows.insertOne({ _id: 1 });
    const stream = await opened(rows.watch([], { ...SOON, ...options }));
    await rows.updateOne({ _id: 1 }, { $set: { n: 2 } });
    expect(await take(stream, 1)).toMatchObject([expected]);
  });

  it.each([{ fullDocument: 'required' }, { fullDocumentBeforeChange: 'required' }])(
    'are an error where they are required and not kept: %o',
    async (options) => {
      const rows = collection();
      await rows.insertOne({ _id: 1 });
      const stream = await opened(rows.watch([], { ...SOON, ...options }));
      await rows.updateOne({ _id: 1 }, { $set: { n: 2 } });
      await expect(stream.next()).rejects.toMatchObject({ code: 47 });
      await stream.close();
    },
  );

  it('look up nothing of a collection made anew under the name', async () => {
    const rows = collection();
    await rows.insertOne({ _id: 1 });
    const database = store.connection.db!;
    const stream = await opened(database.watch([], { ...SOON, fullDocument: 'updateLookup' }));
    await rows.updateOne({ _id: 1 }, { $set: { n: 2 } });
    await rows.drop();
    await rows.insertOne({ _id: 1, text: 'another' });
    const [update] = await take(stream, 1);
    expect(update).toMatchObject({ operationType: 'update', fullDocument: null });
  });
});

it('tells more when expanded: what becomes of collections, and which one each was', async () => {
  const rows = collection();
  const database = store.connection.db!;
  const [plain, expanded] = [database.watch([], SOON), database.watch([], { ...SOON, showExpandedEvents: true })];
  await Promise.all([opened(plain), opened(expanded)]);
  await rows.insertOne({ _id: 1, n: 1 });
  await rows.createIndex({ n: 1 });
  await database.command({ collMod: rows.collectionName, index: { name: 'n_1', expireAfterSeconds: 60 } });
  await rows.dropIndex('n_1');
  await rows.drop();
  const events = await take(expanded, 6);
  expect(events.map(({ operationType }) => operationType)).toEqual([
    'create',
    'insert',
    'createIndexes',
    'modify',
    'dropIndexes',
    'drop',
  ]);
  expect(new Set(events.map(({ collectionUUID }) => String(collectionUUID))).size).toBe(1);
  expect(events[2]).toMatchObject({ operationDescription: { indexes: [{ key: { n: 1 }, name: 'n_1' }] } });
  const told = await take(plain, 2);
  expect(told.map(({ operationType }) => operationType)).toEqual(['insert', 'drop']);
  expect(told[0]).not.toHaveProperty('collectionUUID');
});

it('starts at a time to come', async () => {
  const rows = collection();
  await rows.insertOne({ _id: 1 });
  const startAtOperationTime = new Timestamp({ t: Math.floor(Date.now() / 1000) + 3600, i: 0 });
  const stream = await opened(rows.watch([], { ...SOON, startAtOperationTime }));
  await rows.insertOne({ _id: 2 });
  expect(await stream.tryNext()).toBeNull();
  await stream.close();
});

describe('a stream is refused', () => {
  const token = { _data: '0000000000000001' };
  it.each<[string, object[], object, number]>([
    ['a token of another store', [], { resumeAfter: { _data: 'nonsense' } }, 9],
    ['a token whose events are not kept', [], { resumeAfter: { _data: '0000ffffffff0000' } }, 286],
    ['two tokens', [], { resumeAfter: token, startAfter: token }, 50_865],
    ['a token and a time', [], { resumeAfter: token, startAtOperationTime: new Timestamp({ t: 1, i: 1 }) }, 50_674],
    ['a way to fill in that is none', [], { fullDocument: 'always' }, 2],
    ['a stage that needs more than one event', [{ $group: { _id: null } }], {}, 20],
    ['a stage that is none', [{ $nonsense: {} }], {}, 40_324],
    ['a stage that is not offered', [{ $changeStreamSplitLargeEvent: {} }], {}, 115],
  ])('%s', async (_name, pipeline, options, code) => {
    const stream = collection().watch(pipeline, options);
    await expect(stream.next()).rejects.toMatchObject({ code });
    await stream.close();
  });

  it('on the server’s own databases, and with options nobody knows', async () => {
    const client = store.connection.getClient();
    const open = (database: string, stage: object) =>
      client.db(database).command({ aggregate: 1, pipeline: [{ $changeStream: stage }], cursor: {} });
    await expect(open('admin', {})).rejects.toMatchObject({ code: 73 });
    await expect(open('rows', { allChangesForCluster: true })).rejects.toMatchObject({ code: 72 });
    await expect(open('rows', { startFromScratch: true })).rejects.toMatchObject({ code: 40_415 });
  });

  it('in a transaction', async () => {
    const rows = collection();
    const watching = store.transaction((session) => rows.aggregate([{ $changeStream: {} }], { session }).toArray());
    await expect(watching).rejects.toMatchObject({ code: 263 });
  });

  it('once its events lose their token', async () => {
    const rows = collection();
    const stream = await opened(rows.watch([{ $project: { _id: 0 } }], SOON));
    await rows.insertOne({ _id: 1 });
    const error = await stream.next().catch((it: unknown) => it);
    await stream.close();
    expect(error).toMatchObject({ code: 280 });
    expect((error as mongo.MongoError).hasErrorLabel('NonResumableChangeStreamError')).toBe(true);
  });
});

it('ends a wait at once when its cursor is killed', async () => {
  const database = store.connection.db!;
  const name = collection().collectionName;
  const { cursor } = await database.command({ aggregate: name, pipeline: [{ $changeStream: {} }], cursor: {} });
  const began = performance.now();
  const waiting = database.command({ getMore: cursor.id, collection: name, maxTimeMS: 15_000 });
  const outcome = expect(waiting).rejects.toMatchObject({ code: 237 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await database.command({ killCursors: name, cursors: [cursor.id] });
  await outcome;
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('holds up nothing while it looks through many changes for one of its own', async () => {
  const [busy, quiet] = [collection(), collection()];
  const stream = await opened(quiet.watch([], SOON));
  await busy.insertMany(Array.from({ length: 5000 }, (_, _id) => ({ _id })));
  await quiet.insertOne({ _id: 1 });
  expect(await take(stream, 1)).toMatchObject([{ documentKey: { _id: 1 } }]);
});
