import type { mongo } from 'mongoose';
import { type Order, toOrder } from './order.ts';

/** Documents in one command, and commands under way. */
const BATCH = 1000;
const AT_ONCE = 3;

/** Inserts the orders numbered `from` up to `to`; answers documents per second. */
export async function loadOrders(orders: mongo.Collection<Order>, from: number, to: number): Promise<number> {
  const start = performance.now();
  let next = from;
  const worker = async () => {
    while (next < to) {
      const first = next;
      next = Math.min(to, first + BATCH);
      await orders.insertMany(Array.from({ length: next - first }, (_, at) => toOrder(first + at)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return Math.round(((to - from) / (performance.now() - start)) * 1000);
}
