import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
type Row = { _id?: number | string; [field: string]: unknown };
let made = 0;
function collection() {
  made += 1;
  return store.connection.collection<Row>(`plans${made}`);
}
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Stage {
  stage: string;
  indexName?: string;
  direction?: string;
  inputStage?: Stage;
  inputStages?: Stage[];
}
interface Explained {
  queryPlanner: { winningPlan: Stage };
  executionStats: { nReturned: number; totalKeysExamined: number; totalDocsExamined: number };
}

/** The stages from the last to the first, those of alternatives in brackets, with the names of indexes. */
function stagesOf({ stage, indexName, inputStage, inputStages }: Stage): string {
  if (inputStages) return `${stage}(${inputStages.map(stagesOf).join(' | ')})`;
  if (inputStage) return `${stage} < ${stagesOf(inputStage)}`;
  return indexName === undefined ? stage : `${stage} ${indexName}`;
}
async function explained(cursor: { explain(): Promise<unknown> }) {
  const { queryPlanner, executionStats } = (await cursor.explain()) as Explained;
  return { stages: stagesOf(queryPlanner.winningPlan), ...executionStats };
}
const ids = async (cursor: { toArray(): Promise<Row[]> }) => (await cursor.toArray()).map(({ _id }) => _id);

let shared: ReturnType<typeof makeThousand> | null = null;
/** For those who only read. */
function thousand() {
  shared ??= makeThousand();
  return shared;
}

/** 1,000 rows: 5 tenants, 4 statuses, a date each. */
async function makeThousand() {
  const rows = collection();
  const status = (n: number) => ['NEW', 'OPEN', 'PAID', 'DONE'][Math.floor(n / 5) % 4];
  await rows.insertMany(
    Array.from({ length: 1000 }, (_, n) => ({
      _id: n,
      tenant: `t${n % 5}`,
      status: status(n),
      at: new Date(n * 1000),
    })),
  );
  await rows.createIndex({ tenant: 1, status: 1, at: -1 });
  return rows;
}
const newest = (limit: number, of: (n: number) => boolean) =>
  Array.from({ length: 1000 }, (_, n) => 999 - n)
    .filter(of)
    .slice(0, limit);

describe('the order of an index', () => {
  it('gives a page over several values by merging their runs', async () => {
    const rows = await thousand();
    const page = rows
      .find({ tenant: 't2', status: { $in: ['PAID', 'NEW', 'OPEN'] } })
      .sort({ at: -1 })
      .limit(30);
    const { stages, totalKeysExamined } = await explained(page);
    expect(stages).toBe('LIMIT < FETCH < SORT_MERGE < IXSCAN tenant_1_status_1_at_-1');
    expect(totalKeysExamined).toBe(30);
    expect(await ids(page)).toEqual(newest(30, (n) => n % 5 === 2 && Math.floor(n / 5) % 4 !== 3));
  });

  it('merges backwards too', async () => {
    const rows = await thousand();
    const page = rows
      .find({ tenant: { $in: ['t4', 't1'] }, status: 'DONE' })
      .sort({ at: 1, _id: -1 })
      .limit(20);
    expect((await explained(page)).stages).toContain('SORT_MERGE');
    expect(await ids(page)).toEqual(
      newest(1000, (n) => (n % 5 === 4 || n % 5 === 1) && Math.floor(n / 5) % 4 === 3)
        .reverse()
        .slice(0, 20),
    );
  });

  it('serves a sort by the listed field itself without merging, whatever the order of the list', async () => {
    const rows = await thousand();
    const page = rows
      .find({ tenant: 't0', status: { $in: ['PAID', 'DONE'] } })
      .sort({ status: -1, at: 1 })
      .limit(60);
    expect((await explained(page)).stages).toBe('LIMIT < FETCH < IXSCAN tenant_1_status_1_at_-1');
    const found = await page.toArray();
    expect(found.map(({ status }) => status)).toEqual([...Array(50).fill('PAID'), ...Array(10).fill('DONE')]);
    expect(found[0]?._id).toBe(10);
  });

  it('reads the collection in the order of _id, both ways', async () => {
    const rows = await thousand();
    const last = rows.find().sort({ _id: -1 }).limit(3);
    expect((await explained(last)).stages).toBe('LIMIT < COLLSCAN');
    expect(await ids(last)).toEqual([999, 998, 997]);
    const listed = rows.find({ _id: { $in: [7, 3, 5] } }).sort({ _id: -1 });
    expect((await explained(listed)).stages).toBe('FETCH < IXSCAN _id_');
    expect(await ids(listed)).toEqual([7, 5, 3]);
  });

  it('is not trusted among values longer than a key', async () => {
    const rows = collection();
    await rows.createIndex({ text: 1 });
    const long = 'z'.repeat(3000);
    await rows.insertMany([
      { _id: 'b', text: `${long}2` },
      { _id: 'c', text: `${long}3` },
      { _id: 'a', text: `${long}1` },
    ]);
    const sorted = rows.find({ text: { $gte: 'a' } }).sort({ text: 1 });
    expect((await explained(sorted)).stages).toBe('SORT < FETCH < IXSCAN text_1');
    expect(await ids(sorted)).toEqual(['a', 'b', 'c']);
    expect(await ids(rows.find({ text: { $gt: `${long}1` } }).sort({ text: -1 }))).toEqual(['c', 'b']);
    expect(await rows.countDocuments({ text: { $in: [`${long}2`, `${long}3`, `${long}4`] } })).toBe(2);
  });

  it('is not trusted among _ids longer than a key', async () => {
    const rows = collection();
    const long = 'k'.repeat(2500);
    await rows.insertMany(['3', '1', '2'].map((end) => ({ _id: long + end })));
    expect(await ids(rows.find().sort({ _id: 1 }))).toEqual([`${long}1`, `${long}2`, `${long}3`]);
    expect(await ids(rows.find({ _id: { $gt: `${long}1` } }).sort({ _id: -1 }))).toEqual([`${long}3`, `${long}2`]);
    expect(await ids(rows.find({ _id: `${long}2` }))).toEqual([`${long}2`]);
    await expect(rows.insertOne({ _id: `${long}2` })).rejects.toMatchObject({ code: 11000 });
  });
});

describe('alternatives', () => {
  it('use an index each', async () => {
    const rows = await makeThousand();
    await rows.createIndex({ at: 1 });
    const found = rows
      .find({ $or: [{ tenant: 't1', status: 'NEW' }, { at: new Date(3000) }, { _id: 21 }] })
      .sort({ _id: 1 });
    const { stages, totalDocsExamined } = await explained(found);
    expect(stages).toBe(
      'SORT < OR(FETCH < IXSCAN tenant_1_status_1_at_-1 | FETCH < IXSCAN at_1 | FETCH < IXSCAN _id_)',
    );
    expect(totalDocsExamined).toBe(51);
    expect((await ids(found)).slice(0, 4)).toEqual([1, 3, 21, 41]);
  });

  it('read the collection when one of them has no index', async () => {
    const rows = await thousand();
    const found = rows.find({ $or: [{ tenant: 't1' }, { colour: 'red' }] });
    expect(await explained(found)).toMatchObject({ stages: 'COLLSCAN', nReturned: 200 });
  });
});

describe('counting', () => {
  it.each<[string, object, number]>([
    ['one value', { tenant: 't1' }, 200],
    ['several values', { tenant: { $in: ['t1', 't3', 't9'] }, status: 'PAID' }, 100],
    ['a range', { tenant: 't1', status: 'NEW', at: { $gte: new Date(200_000), $lt: new Date(400_000) } }, 10],
    ['everything', {}, 1000],
  ])('reads keys and no document for %s', async (_what, query, count) => {
    const rows = await thousand();
    const command = { explain: { count: rows.collectionName, query } };
    const { queryPlanner, executionStats } = (await store.connection
      .getClient()
      .db('tributary')
      .command(command)) as Explained;
    expect(stagesOf(queryPlanner.winningPlan)).toMatch(/^COUNT < COUNT_SCAN/);
    expect(executionStats).toMatchObject({ nReturned: count, totalKeysExamined: count, totalDocsExamined: 0 });
    expect(await rows.countDocuments(query)).toBe(count);
  });

  it('agrees with what was written in the transaction and not yet committed', async () => {
    const rows = await makeThousand();
    await store.transaction(async (session) => {
      await rows.insertOne({ _id: 'new', tenant: 't1' }, { session });
      await rows.deleteOne({ _id: 1 }, { session });
      await rows.deleteOne({ _id: 6 }, { session });
      expect(await rows.countDocuments({ tenant: 't1' }, { session })).toBe(199);
      expect(await rows.countDocuments({}, { session })).toBe(999);
    });
    expect(await rows.countDocuments({ tenant: 't1' }, { skip: 100, limit: 50 })).toBe(50);
    expect(await rows.countDocuments({ tenant: 't1' })).toBe(199);
  });

  it('leaves NaN out of a range of numbers', async () => {
    const rows = collection();
    await rows.createIndex({ n: 1 });
    await rows.insertMany([{ n: Number.NaN }, { n: -5 }, { n: 3 }, { n: 'text' }, { n: null }, {}]);
    expect(await rows.countDocuments({ n: { $lt: 10 } })).toBe(2);
    expect(await rows.countDocuments({ n: { $gte: -5, $lte: 3 } })).toBe(2);
    expect(await rows.countDocuments({ n: Number.NaN })).toBe(1);
    expect(await rows.countDocuments({ n: null })).toBe(2);
  });
});

describe('arrays in an index', () => {
  it('never join the bounds of two elements into one', async () => {
    const rows = collection();
    await rows.createIndex({ n: 1 });
    await rows.insertMany([
      { _id: 1, n: [1, 9] },
      { _id: 2, n: [4] },
      { _id: 3, n: 20 },
    ]);
    expect(await ids(rows.find({ n: { $gt: 5, $lt: 3 } }))).toEqual([1]);
    expect(await ids(rows.find({ n: { $elemMatch: { $gt: 3, $lt: 8 } } }))).toEqual([2]);
    expect(await rows.countDocuments({ n: { $in: [1, 9] } })).toBe(1);
  });

  it('keep the values of an element together, and still find what two elements match', async () => {
    const rows = collection();
    await rows.createIndex({ 'items.sku': 1, 'items.size': 1 }, { unique: true });
    await rows.insertOne({
      _id: 1,
      items: [
        { sku: 'a', size: 1 },
        { sku: 'b', size: 2 },
      ],
    });
    // MongoDB has the entries (a, 1) and (b, 2): (a, 2) is free.
    await rows.insertOne({ _id: 2, items: [{ sku: 'a', size: 2 }] });
    await expect(rows.insertOne({ _id: 3, items: [{ sku: 'b', size: 2 }] })).rejects.toMatchObject({ code: 11000 });
    expect(await ids(rows.find({ 'items.sku': 'a', 'items.size': 2 }).sort({ _id: 1 }))).toEqual([1, 2]);
    const together = rows.find({ items: { $elemMatch: { sku: 'a', size: 2 } } });
    expect(await ids(together)).toEqual([2]);
    expect((await explained(together)).stages).toBe('FETCH < IXSCAN items.sku_1_items.size_1');
  });

  it('refuse two arrays beside each other, also below one field', async () => {
    const rows = collection();
    await rows.createIndex({ 'a.b': 1, 'a.c': 1 });
    await expect(rows.insertOne({ a: { b: [1], c: [2] } })).rejects.toMatchObject({ code: 171 });
    await rows.insertOne({ a: { b: [1, 2], c: 3 } });
    expect(await rows.countDocuments({ 'a.b': 2, 'a.c': 3 })).toBe(1);
  });
});

describe('an index with a filter of its own', () => {
  it.each<[string, object, boolean]>([
    ['the same condition', { total: { $gt: 100 } }, true],
    ['a value within', { total: 500 }, true],
    ['a range within', { total: { $gte: 200, $lt: 300 } }, true],
    ['a list within', { total: { $in: [101, 102] } }, true],
    ['a range that reaches out', { total: { $gt: 50 } }, false],
    ['a list that reaches out', { total: { $in: [99, 500] } }, false],
    ['another kind of value', { total: { $gt: 'a' } }, false],
  ])('is used for %s only when it holds all of it', async (_what, filter, isUsed) => {
    const rows = collection();
    await rows.createIndex({ total: 1 }, { partialFilterExpression: { total: { $gt: 100 } } });
    await rows.insertMany(Array.from({ length: 600 }, (_, n) => ({ _id: n, total: n })));
    const plain = collection();
    await plain.insertMany(Array.from({ length: 600 }, (_, n) => ({ _id: n, total: n })));
    expect((await explained(rows.find(filter))).stages).toBe(isUsed ? 'FETCH < IXSCAN total_1' : 'COLLSCAN');
    expect(await rows.countDocuments(filter)).toBe(await plain.countDocuments(filter));
  });
});

it('reads only what a pattern can begin with', async () => {
  const rows = collection();
  await rows.createIndex({ name: 1 });
  await rows.insertMany(['Ada', 'Adam', 'Ad', 'Bea', 'ada', 'Adé'].map((name) => ({ _id: name, name })));
  const { stages, totalKeysExamined } = await explained(rows.find({ name: /^Ada/ }));
  expect([stages, totalKeysExamined]).toEqual(['FETCH < IXSCAN name_1', 2]);
  expect(await ids(rows.find({ name: { $regex: '^Adé?' } }).sort({ _id: 1 }))).toEqual(['Ad', 'Ada', 'Adam', 'Adé']);
  expect(await ids(rows.find({ name: /^ad/i }).sort({ _id: 1 }))).toEqual(['Ad', 'Ada', 'Adam', 'Adé', 'ada']);
  expect(await ids(rows.find({ name: /^Bea|^ada/ }).sort({ _id: 1 }))).toEqual(['Bea', 'ada']);
});

it('sorts many small documents as their values sort', async () => {
  const rows = collection();
  const ranks = Array.from({ length: 20_000 }, (_, n) => (n * 7919) % 20_011);
  await rows.insertMany(ranks.map((rank, n) => ({ _id: n, rank })));
  const found = await rows.find().sort({ rank: -1 }).toArray();
  expect(found.map(({ rank }) => rank)).toEqual([...ranks].sort((left, right) => right - left));
});
