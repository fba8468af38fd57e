import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
type Row = { _id?: number; [field: string]: unknown };
let made = 0;
function collection() {
  made += 1;
  return store.connection.collection<Row>(`rows${made}`);
}
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Stage {
  stage: string;
  indexName?: string;
  direction?: string;
  isMultiKey?: boolean;
  inputStage?: Stage;
  inputStages?: Stage[];
}
interface Stats {
  queryPlanner: { winningPlan: Stage };
  executionStats: { nReturned: number; totalKeysExamined: number; totalDocsExamined: number };
}
/** The stages of a plan from the last to the first, those of alternatives in brackets. */
function stagesOf({ stage, inputStage, inputStages }: Stage): string {
  if (inputStages) return `${stage}(${inputStages.map(stagesOf).join(' | ')})`;
  return inputStage ? `${stage} < ${stagesOf(inputStage)}` : stage;
}
/** The stage that reads. */
function sourceOf(stage: Stage): Stage {
  return stage.inputStage ? sourceOf(stage.inputStage) : stage;
}
const explained = (cursor: { explain(): Promise<unknown> }) => cursor.explain() as Promise<Stats>;

async function thousand() {
  const rows = collection();
  await rows.insertMany(
    Array.from({ length: 1000 }, (_, n) => ({
      _id: n,
      tenant: `t${n % 5}`,
      status: n % 3,
      at: new Date(n * 1000),
      email: `e${n}`,
    })),
  );
  return rows;
}

it('rejects a second value of a unique index, naming key pattern and value', async () => {
  const rows = collection();
  await rows.createIndex({ tenant: 1, email: 1 }, { unique: true });
  await rows.insertOne({ tenant: 'a', email: 'x' });
  await rows.insertOne({ tenant: 'b', email: 'x' });
  await expect(rows.insertOne({ tenant: 'a', email: 'x' })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { tenant: 1, email: 1 },
    keyValue: { tenant: 'a', email: 'x' },
  });
  await expect(rows.updateOne({ tenant: 'b' }, { $set: { tenant: 'a' } })).rejects.toMatchObject({ code: 11000 });
});

it('frees a unique value with its document', async () => {
  const rows = collection();
  await rows.createIndex({ email: 1 }, { unique: true });
  await rows.insertOne({ _id: 1, email: 'x' });
  await rows.updateOne({ _id: 1 }, { $set: { email: 'y' } });
  await rows.insertOne({ _id: 2, email: 'x' });
  await rows.deleteOne({ _id: 1 });
  await rows.insertOne({ _id: 3, email: 'y' });
  expect(await rows.countDocuments()).toBe(2);
});

it('lets documents without the field live beside each other only in a sparse unique index', async () => {
  const [plain, sparse] = [collection(), collection()];
  await plain.createIndex({ email: 1 }, { unique: true });
  await sparse.createIndex({ email: 1 }, { unique: true, sparse: true });
  await sparse.insertMany([{}, {}, { email: 'x' }]);
  expect(await sparse.countDocuments({ email: null })).toBe(2);
  await expect(plain.insertMany([{}, {}])).rejects.toMatchObject({ code: 11000 });
});

it('enforces a partial unique index only on documents it covers', async () => {
  const rows = collection();
  await rows.createIndex({ email: 1 }, { unique: true, partialFilterExpression: { active: true } });
  await rows.insertMany([
    { email: 'x', active: false },
    { email: 'x', active: false },
    { email: 'x', active: true },
  ]);
  await expect(rows.insertOne({ email: 'x', active: true })).rejects.toMatchObject({ code: 11000 });
  expect(await rows.countDocuments({ email: 'x' })).toBe(3);
});

it('holds elements of an array apart in a unique multikey index', async () => {
  const rows = collection();
  await rows.createIndex({ tags: 1 }, { unique: true });
  await rows.insertOne({ tags: ['a', 'b', 'a'] });
  await expect(rows.insertOne({ tags: ['c', 'b'] })).rejects.toMatchObject({ code: 11000 });
});

it('refuses two arrays in one index', async () => {
  const rows = collection();
  await rows.createIndex({ a: 1, b: 1 });
  await expect(rows.insertOne({ a: [1], b: [2] })).rejects.toMatchObject({ code: 171 });
});

it('refuses to build a unique index over duplicates and goes on without it', async () => {
  const rows = collection();
  await rows.insertMany([{ email: 'x' }, { email: 'x' }]);
  await expect(rows.createIndex({ email: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
  await rows.insertOne({ email: 'x' });
  expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_']);
});

it('lists, repeats, conflicts and drops', async () => {
  const rows = collection();
  await rows.createIndex({ a: 1 }, { unique: true });
  await rows.createIndex({ a: 1 }, { unique: true });
  await expect(rows.createIndex({ a: 1 }, { name: 'other' })).rejects.toMatchObject({ code: 85 });
  await expect(rows.createIndex({ b: 1 }, { name: 'a_1' })).rejects.toMatchObject({ code: 86 });
  expect(await rows.indexes()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    { v: 2, key: { a: 1 }, name: 'a_1', unique: true },
  ]);
  await rows.dropIndex('a_1');
  await expect(rows.dropIndex('a_1')).rejects.toMatchObject({ code: 27 });
  await rows.insertMany([{ a: 1 }, { a: 1 }]);
});

it('reads a page of 50 by index and order without a scan', async () => {
  const rows = await thousand();
  await rows.createIndex({ tenant: 1, at: -1 });
  const page = rows.find({ tenant: 't1' }).sort({ at: -1 }).limit(50);
  const { queryPlanner, executionStats } = await explained(page);
  expect(stagesOf(queryPlanner.winningPlan)).toBe('LIMIT < FETCH < IXSCAN');
  expect(sourceOf(queryPlanner.winningPlan)).toMatchObject({ indexName: 'tenant_1_at_-1', direction: 'forward' });
  expect(executionStats).toMatchObject({ nReturned: 50, totalKeysExamined: 50, totalDocsExamined: 50 });
  expect((await page.toArray()).map(({ _id }) => _id)).toEqual(Array.from({ length: 50 }, (_, at) => 996 - at * 5));
});

it('reads an index backwards', async () => {
  const rows = await thousand();
  await rows.createIndex({ tenant: 1, at: -1 });
  const page = rows.find({ tenant: 't1' }).sort({ at: 1 }).limit(3);
  expect(sourceOf((await explained(page)).queryPlanner.winningPlan).direction).toBe('backward');
  expect((await page.toArray()).map(({ _id }) => _id)).toEqual([1, 6, 11]);
});

it('pages by keyset within an index', async () => {
  const rows = await thousand();
  await rows.createIndex({ tenant: 1, at: -1, _id: -1 });
  const at = new Date(500_000);
  const next = rows
    .find({ tenant: 't0', $or: [{ at: { $lt: at } }, { at, _id: { $lt: 500 } }] })
    .sort({ at: -1, _id: -1 })
    .limit(3);
  const { executionStats } = await explained(next);
  expect(executionStats.totalKeysExamined).toBeLessThan(6);
  expect((await next.toArray()).map(({ _id }) => _id)).toEqual([495, 490, 485]);
});

it.each<[string, object, number]>([
  ['equality on a prefix', { tenant: 't1' }, 200],
  ['equality on both', { tenant: 't1', status: 2 }, 66],
  ['a range after equality', { tenant: 't1', status: { $gte: 1 } }, 133],
  ['a list', { tenant: { $in: ['t1', 't2'] }, status: 0 }, 133],
])('examines only what matches for %s', async (_what, filter, count) => {
  const rows = await thousand();
  await rows.createIndex({ tenant: 1, status: 1 });
  const { executionStats } = await explained(rows.find(filter));
  expect(executionStats.nReturned).toBe(count);
  expect(executionStats.totalKeysExamined).toBe(count);
});

it('obeys a hint and refuses one that names no index', async () => {
  const rows = await thousand();
  await rows.createIndex({ status: 1 });
  const { queryPlanner } = await explained(rows.find({ tenant: 't1' }).hint('status_1'));
  expect(sourceOf(queryPlanner.winningPlan).indexName).toBe('status_1');
  await expect(rows.find().hint('none').toArray()).rejects.toMatchObject({ code: 2 });
});

it('keeps its answers when an index is built under writes', async () => {
  const rows = await thousand();
  const writing = Array.from({ length: 200 }, (_, n) => rows.updateOne({ _id: n }, { $set: { email: `new${n}` } }));
  await Promise.all([rows.createIndex({ email: 1 }, { unique: true }), ...writing]);
  expect((await rows.find({ email: 'new7' }).toArray()).map(({ _id }) => _id)).toEqual([7]);
  expect(await rows.findOne({ email: 'e7' })).toBeNull();
  expect(await rows.countDocuments({ email: { $gte: '' } })).toBe(1000);
});

it('tells values apart that are longer than a key', async () => {
  const rows = collection();
  await rows.createIndex({ text: 1 }, { unique: true });
  const long = 'y'.repeat(5000);
  await rows.insertMany([{ text: `${long}a` }, { text: `${long}b` }]);
  await expect(rows.insertOne({ text: `${long}a` })).rejects.toMatchObject({ code: 11000 });
  expect(await rows.countDocuments({ text: `${long}b` })).toBe(1);
  expect(await rows.countDocuments({ text: { $gt: long } })).toBe(2);
});

it('drops a collection with all its indexes and starts it afresh', async () => {
  const rows = collection();
  await rows.createIndex({ a: 1 }, { unique: true });
  await rows.insertOne({ a: 1 });
  await rows.drop();
  await rows.insertMany([{ a: 1 }, { a: 1 }]);
  expect(await rows.countDocuments()).toBe(2);
  expect((await rows.indexes()).length).toBe(1);
});
