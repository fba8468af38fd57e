import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StoreProcess, startStoreProcess } from '../support/store-process.ts';

/** 200 tenants in 5 statuses, about 400 bytes of BSON a document. */
interface Row {
  readonly _id: mongo.ObjectId;
  readonly tenant: string;
  readonly status: number;
  readonly createdAt: Date;
  readonly number: number;
  readonly text: string;
}

const [TENANTS, STATUSES, BATCH] = [200, 5, 2000];
const HALF_A_MILLION = 500_000;
const MEGABYTE = 1024 * 1024;
const TEXT = 'An order of a customer, with as many letters as such a thing has in a system of this kind. '.repeat(3);

const tenantOf = (number: number) => `tenant-${number % TENANTS}`;
const toRow = (number: number): Row => ({
  _id: new mongo.ObjectId(),
  tenant: tenantOf(number),
  status: Math.floor(number / TENANTS) % STATUSES,
  createdAt: new Date(Date.UTC(2026, 0, 1) + number * 1000),
  number,
  text: TEXT,
});

// Where /proc is not, memory cannot be told apart from the mapped file.
const canMeasure = existsSync('/proc/self/status');
if (!canMeasure) console.warn('store at scale NOT RUN: it reads memory from /proc, which is not here');

describe.skipIf(!canMeasure)('two million documents', () => {
  let folder: string;
  let server: StoreProcess;
  let client: mongo.MongoClient;
  let peak = 0;

  const rows = () => client.db('scale').collection<Row>('rows');
  const open = async () => {
    server = await startStoreProcess(folder);
    client = await mongo.MongoClient.connect(server.uri);
  };
  const close = async () => {
    await client.close();
    await server.stop();
  };
  const load = async (from: number, to: number) => {
    let next = from;
    const worker = async () => {
      while (next < to) {
        const first = next;
        next += BATCH;
        await rows().insertMany(Array.from({ length: BATCH }, (_, at) => toRow(first + at)));
        peak = Math.max(peak, server.anonymousMemory());
      }
    };
    await Promise.all([worker(), worker()]);
  };

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'tributary-scale-')), 'store');
    await open();
    await rows().createIndex({ tenant: 1, status: 1, createdAt: -1, _id: 1 });
    await load(0, HALF_A_MILLION);
  });
  afterAll(async () => {
    await close();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  it('open again in five seconds at half a million of them', async () => {
    await close();
    const start = performance.now();
    await open();
    expect(await rows().findOne({ tenant: tenantOf(7), status: 3 })).not.toBeNull();
    expect(performance.now() - start).toBeLessThanOrEqual(5000);
    expect(await rows().countDocuments()).toBe(HALF_A_MILLION);
  });

  it('leave the store below 400 MB of its own memory, loaded, read, written and scanned', async () => {
    await load(HALF_A_MILLION, HALF_A_MILLION * 4);
    expect(await rows().countDocuments()).toBe(HALF_A_MILLION * 4);
    expect(await rows().countDocuments({ tenant: tenantOf(1) })).toBe((HALF_A_MILLION * 4) / TENANTS);
    const scan = rows().countDocuments({ number: { $gte: HALF_A_MILLION } });
    const known = await rows().find().limit(1000).toArray();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(known.slice(round * 50, round * 50 + 50).map(({ _id }) => rows().findOne({ _id })));
      await rows().updateMany(
        { _id: { $in: known.slice(round * 50, round * 50 + 50).map(({ _id }) => _id) } },
        { $inc: { number: 0.5 } },
      );
      peak = Math.max(peak, server.anonymousMemory());
    }
    expect(await scan).toBeGreaterThanOrEqual(HALF_A_MILLION * 3);
    peak = Math.max(peak, server.anonymousMemory());
    console.info(`RssAnon of the store at 2,000,000 documents: ${Math.round(peak / MEGABYTE)} MB at most`);
    expect(peak).toBeLessThanOrEqual(400 * MEGABYTE);
  }, 400_000);

  it('are listed by index and order, a page at a time, with one key examined for each document', async () => {
    const filter = { tenant: tenantOf(42), status: 2 };
    const page = (after?: Row) =>
      rows()
        .find(after ? { ...filter, createdAt: { $lt: after.createdAt } } : filter)
        .sort({ createdAt: -1 })
        .limit(50);
    const first = await page().toArray();
    expect(first).toHaveLength(50);
    for (const cursor of [page(), page(first.at(-1))]) {
      const { executionStats } = await cursor.explain();
      expect(executionStats).toMatchObject({ nReturned: 50, totalKeysExamined: 50, totalDocsExamined: 50 });
    }
    const over = rows()
      .find({ tenant: tenantOf(42), status: { $in: [0, 1, 2, 3, 4] } })
      .sort({ createdAt: -1 })
      .limit(50);
    expect((await over.explain())['executionStats']).toMatchObject({ nReturned: 50, totalKeysExamined: 50 });
    expect((await over.toArray()).map(({ number }) => number)).toEqual(
      Array.from({ length: 50 }, (_, at) => HALF_A_MILLION * 4 - TENANTS + 42 - at * TENANTS),
    );
  });
});
