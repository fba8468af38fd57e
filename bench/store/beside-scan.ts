import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { mongo } from 'mongoose';
import { toPercentiles } from '../percentiles.ts';
import { type Order, STATUSES, toOrder, toTenant } from './order.ts';

/** Times operations one after the other until `isOver`. */
async function timed(isOver: () => boolean, operation: (number: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let number = 0; !isOver(); number += 1) {
    const start = performance.now();
    await operation(number);
    took.push(performance.now() - start);
  }
  return took;
}

/** Lists of 50 by index and sort, one after the other, each of another tenant and status. */
export async function measureLists(orders: mongo.Collection<Order>, count: number) {
  const list = async (number: number) => {
    const filter = { tenant: toTenant(number * 37), status: STATUSES[number % STATUSES.length] as string };
    const found = await orders.find(filter).sort({ createdAt: -1 }).limit(50).toArray();
    if (found.length !== 50) throw new Error(`A list has ${found.length} documents.`);
  };
  for (let number = 0; number < 50; number += 1) await list(number);
  let left = count;
  const took = await timed(() => left-- === 0, list);
  const several = async (number: number) => {
    const filter = { tenant: toTenant(number * 37), status: { $in: [...STATUSES] } };
    const found = await orders.find(filter).sort({ createdAt: -1 }).limit(50).toArray();
    if (found.length !== 50) throw new Error(`A list has ${found.length} documents.`);
  };
  let leftOfSeveral = count;
  const ofSeveral = await timed(() => leftOfSeveral-- === 0, several);
  return { listOf50: toPercentiles(took), listOf50OverFiveStatuses: toPercentiles(ofSeveral) };
}

/** A count no index answers, and what two other clients see meanwhile: one reads, one writes. */
export async function measureBesideScan(orders: mongo.Collection<Order>, documents: number) {
  const known = await orders.find().limit(1000).toArray();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let over = false;
  const isOver = () => over;
  delay.enable();
  const start = performance.now();
  const scan = orders.countDocuments({ 'total.amount': { $gte: 50_000 } }).finally(() => {
    over = true;
  });
  const reads = timed(isOver, (number) => orders.findOne({ _id: (known[number % known.length] as Order)._id }));
  const writes = timed(isOver, (number) => orders.insertOne(toOrder(documents + number)));
  const matched = await scan;
  const scanMs = Math.round(performance.now() - start);
  const figures = { findOne: toPercentiles(await reads), insertOne: toPercentiles(await writes) };
  delay.disable();
  if (matched < documents * 0.45) throw new Error(`The scan found ${matched} of ${documents} documents.`);
  return {
    scanMs,
    scannedPerSecond: Math.round((documents / scanMs) * 1000),
    besideScan: figures,
    mainThreadDelay: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
  };
}

/** Counts that an index answers by its keys alone. */
export async function measureCounts(orders: mongo.Collection<Order>, count: number) {
  let left = count;
  const took = await timed(
    () => left-- === 0,
    (number) => orders.countDocuments({ tenant: toTenant(number) }),
  );
  const one = await orders.countDocuments({ tenant: toTenant(1) });
  return { countOfOneTenant: { ...toPercentiles(took), documents: one } };
}
