import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../store/connect.ts';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store & { dataDir: string };
type Row = { _id: number; n?: number; text?: string };
/** A short wait for events, so that `opened` is quick. */
const SOON = { maxAwaitTimeMS: 20 };
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

it('ends when its collection is dropped', async () => {
  const rows = collection();
  await rows.insertOne({ _id: 1 });
  const stream = await opened(rows.watch([], SOON));
  await rows.drop();
  expect((await take(stream, 2)).map(({ operationType }) => operationType)).toEqual(['drop', 'invalidate']);
});

it('refuses a resume token that is not its own', async () => {
  const stream = collection().watch([], { resumeAfter: { _data: 'nonsense' } });
  await expect(stream.next()).rejects.toMatchObject({ code: 9 });
});

it('answers 286 to a token whose events it does not keep', async () => {
  const stream = collection().watch([], { resumeAfter: { _data: '0000ffffffff0000' } });
  await expect(stream.next()).rejects.toMatchObject({ code: 286 });
});
