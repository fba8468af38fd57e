import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { mongo } from 'mongoose';
import { openStore } from '../../store/connect.ts';
import type { Store } from '../../store/store.ts';
import { concurrently, type Loop, median } from './concurrently.ts';
import { measureFsync } from './fsync-rate.ts';
import { LIST_INDEX, type Order, toOrder } from './order.ts';
import { openPeer, type Peer } from './peer.ts';

/** What is done at once. */
const CONCURRENCY = 50;

interface Pair {
  readonly ours: Loop;
  readonly peer: Loop;
}

/** Turn about, so that both meet the same machine: ours, the peer, ours, the peer… */
async function interleaved(
  { rounds, milliseconds }: { rounds: number; milliseconds: number },
  ours: (number: number) => Promise<unknown>,
  peer: (number: number) => Promise<unknown>,
) {
  const pairs: Pair[] = [];
  const [done, donePeer] = [{ n: 0 }, { n: 0 }];
  const from = (counter: { n: number }, operation: (number: number) => Promise<unknown>) => () => {
    counter.n += 1;
    return operation(counter.n);
  };
  for (let round = 0; round < rounds; round += 1)
    pairs.push({
      ours: await concurrently({ concurrency: CONCURRENCY, milliseconds }, from(done, ours)),
      peer: await concurrently({ concurrency: CONCURRENCY, milliseconds }, from(donePeer, peer)),
    });
  const perSecond = median(pairs.map((pair) => pair.ours.perSecond));
  return {
    perSecond,
    best: Math.max(...pairs.map((pair) => pair.ours.perSecond)),
    p50: median(pairs.map((pair) => pair.ours.latency.p50)),
    p99: median(pairs.map((pair) => pair.ours.latency.p99)),
    bareLmdbPerSecond: median(pairs.map((pair) => pair.peer.perSecond)),
    shareOfBareLmdb: Math.round(median(pairs.map((pair) => pair.ours.perSecond / pair.peer.perSecond)) * 1000) / 1000,
    count: pairs.reduce((sum, pair) => sum + pair.ours.count, 0),
  };
}

async function mustCount(orders: mongo.Collection<Order>, expected: number): Promise<void> {
  const stored = await orders.countDocuments();
  if (stored !== expected) throw new Error(`${expected} documents were acknowledged, ${stored} are there.`);
}

/** One document in, another changed, both or neither; what was read must not change before the commit. */
function transaction(store: Store, orders: mongo.Collection<Order>, ids: readonly Order['_id'][]) {
  return (number: number) =>
    store.transaction(async (session) => {
      await orders.insertOne(toOrder(number), { session });
      const id = ids[(number * 7919) % ids.length] as Order['_id'];
      await orders.updateOne({ _id: id }, { $inc: { version: 1 } }, { session });
    });
}

async function measure(store: Store, peer: Peer, seeded: number, options: { rounds: number; milliseconds: number }) {
  const orders = store.connection.getClient().db('bench').collection<Order>('orders');
  await orders.createIndex(LIST_INDEX);
  const seeds = Array.from({ length: seeded }, (_, number) => toOrder(number));
  await orders.insertMany(seeds);
  const ids = seeds.map(({ _id }) => _id);
  const inserts = await interleaved(options, (number) => orders.insertOne(toOrder(number)), peer.insert);
  await mustCount(orders, seeded + inserts.count);
  const transactions = await interleaved(options, transaction(store, orders, ids), peer.transact);
  await mustCount(orders, seeded + inserts.count + transactions.count);
  const [summed] = await orders
    .aggregate<{ n: number }>([{ $group: { _id: null, n: { $sum: '$version' } } }])
    .toArray();
  const written = seeded + inserts.count + transactions.count * 2;
  if (summed?.n !== written) throw new Error(`${written} versions were written, ${summed?.n} are there.`);
  const findById = await interleaved(
    options,
    async (number) => must(await orders.findOne({ _id: ids[(number * 7919) % ids.length] as Order['_id'] })),
    peer.find,
  );
  const findByIndex = await interleaved(
    options,
    async (number) => {
      const { tenant, status, createdAt } = seeds[(number * 7919) % seeds.length] as Order;
      must(await orders.findOne({ tenant, status, createdAt }));
    },
    peer.find,
  );
  return { inserts, transactions, findById, findByIndex };
}

function must(found: unknown): void {
  if (found === null) throw new Error('A document that is there was not found.');
}

/** Rates at 50 at once through the driver, the server in its worker, each beside bare lmdb in the same minute. */
export async function measureRates({ quick }: { quick: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const seeded = quick ? 2000 : 20_000;
  const store = await openStore({ dataDir: folder, maxPoolSize: CONCURRENCY });
  const peer = await openPeer(folder, seeded);
  try {
    const fsyncsPerSecond = measureFsync(folder, quick ? 500 : 3000);
    const rates = await measure(
      store,
      peer,
      seeded,
      quick ? { rounds: 3, milliseconds: 1000 } : { rounds: 5, milliseconds: 3000 },
    );
    return { fsyncsPerSecond, ...rates };
  } finally {
    await peer.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
