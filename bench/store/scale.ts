import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { openStore } from '../../store/connect.ts';
import { type StoreProcess, startStoreProcess } from '../../test/support/store-process.ts';
import { measureBesideScan, measureCounts, measureLists } from './beside-scan.ts';
import { concurrently } from './concurrently.ts';
import { loadOrders } from './load.ts';
import { LIST_INDEX, type Order, toOrder } from './order.ts';

const MEGABYTE = 1024 * 1024;
const toMegabytes = (bytes: number) => Math.round(bytes / MEGABYTE);

const ordersOf = (client: mongo.MongoClient) => client.db('bench').collection<Order>('orders');

/** Runs work against a store in a process of its own. */
async function inOwnProcess<Result>(
  dataDir: string,
  work: (orders: mongo.Collection<Order>, process: StoreProcess) => Promise<Result>,
): Promise<Result> {
  const server = await startStoreProcess(join(dataDir, 'store'));
  const client = await mongo.MongoClient.connect(server.uri, { maxPoolSize: 50 });
  try {
    return await work(ordersOf(client), server);
  } finally {
    await client.close();
    await server.stop();
  }
}

async function load(dataDir: string, from: number, to: number) {
  return await inOwnProcess(dataDir, async (orders, process) => {
    if (from === 0) await orders.createIndex(LIST_INDEX);
    const insertedPerSecond = await loadOrders(orders, from, to);
    const rssAnonMb = toMegabytes(process.anonymousMemory());
    return { insertedPerSecond, rssAnonMb };
  });
}

/** From opening the store until a query by index is answered. */
async function reopen(dataDir: string): Promise<number> {
  const start = performance.now();
  const store = await openStore({ dataDir });
  const found = await ordersOf(store.connection.getClient()).findOne({ tenant: 'tenant-007', status: 'PAID' });
  const took = Math.round(performance.now() - start);
  await store.close();
  if (!found) throw new Error('The store forgot its documents.');
  return took;
}

async function inWorker(dataDir: string, documents: number, lists: number) {
  const store = await openStore({ dataDir });
  try {
    const orders = ordersOf(store.connection.getClient());
    const listed = await measureLists(orders, lists);
    const counted = await measureCounts(orders, lists / 10);
    return { ...listed, ...counted, ...(await measureBesideScan(orders, documents)) };
  } finally {
    await store.close();
  }
}

async function underLoad(dataDir: string, documents: number, milliseconds: number) {
  return await inOwnProcess(dataDir, async (orders, process) => {
    const before = await orders.countDocuments();
    const known = await orders.find().limit(20_000).toArray();
    const reads = await concurrently({ concurrency: 50, milliseconds }, (number) =>
      orders.findOne({ _id: (known[(number * 7919) % known.length] as Order)._id }),
    );
    const writes = await concurrently({ concurrency: 50, milliseconds }, (number) =>
      orders.insertOne(toOrder(documents + number)),
    );
    const rssAnonMb = toMegabytes(process.anonymousMemory());
    const stored = await orders.countDocuments();
    if (stored !== before + writes.count) throw new Error(`${before + writes.count} acknowledged, ${stored} there.`);
    return { documents: stored, findById: reads, inserts: writes, rssAnonMb };
  });
}

/** Half a million, one million, two million documents: loading, reopening, lists, scans, memory. */
export async function measureScale({ quick }: { quick: boolean }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const unit = quick ? 30_000 : 500_000;
  try {
    const first = await load(dataDir, 0, unit);
    const reopenSmallMs = await reopen(dataDir);
    await load(dataDir, unit, unit * 2);
    const million = await inWorker(dataDir, unit * 2, quick ? 50 : 500);
    const last = await load(dataDir, unit * 2 + 100_000, unit * 4 + 100_000);
    const reopenLargeMs = await reopen(dataDir);
    const loaded = await underLoad(dataDir, unit * 5, quick ? 1000 : 5000);
    return {
      [`at${unit}`]: { ...first, reopenMs: reopenSmallMs },
      [`at${unit * 2}`]: million,
      [`at${unit * 4}`]: { afterLoad: last, reopenMs: reopenLargeMs, underLoad: loaded },
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
