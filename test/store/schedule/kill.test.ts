import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startScheduleWorker } from '../../../store/schedule.ts';
import { forkScript, killHard, storeUri } from '../../support/fork-script.ts';
import { openTestStore } from '../../support/test-store.ts';
import { until } from '../../support/until.ts';

const LEASE_MS = 1_200;
const SCRIPT = new URL('./worker-child.ts', import.meta.url);

let store: Awaited<ReturnType<typeof openTestStore>>;
const children: ChildProcess[] = [];
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await Promise.all(children.map(killHard));
  await store.close();
});

it('does what a killed process was about, after its lease, under the same arming and a higher fence', {
  timeout: 60_000,
}, async () => {
  const taken: { key: string; arming: string; fence: number }[] = [];
  for (const key of ['a', 'b', 'c'])
    await store.schedule.set(null, { kind: 'step', tenant: 'acme', key, dueAt: new Date() });
  const child = forkScript(SCRIPT, [storeUri(store.dataDir), String(LEASE_MS)]);
  children.push(child);
  child.on('message', (message) => taken.push(message as (typeof taken)[number]));
  await until('the child has two', () => taken.length === 2, 30_000);
  const done: typeof taken = [];
  const worker = await startScheduleWorker({
    connection: store.connection,
    kinds: {
      step: {
        leaseMs: LEASE_MS,
        handler: async ({ key, arming, fence }) => {
          done.push({ key, arming, fence });
        },
      },
    },
  });
  await until('what is free was done', () => done.length === 1);
  // Its child lives and renews: nothing is taken from it, though it is at it for longer than a lease.
  await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
  expect(done.map(({ key }) => taken.some((one) => one.key === key))).toEqual([false]);
  await killHard(child);
  const killedAt = performance.now();
  await until('all was done', () => done.length === 3, 30_000);
  expect(performance.now() - killedAt).toBeGreaterThan(LEASE_MS / 2);
  for (const { key, arming, fence } of taken) {
    const again = done.find((one) => one.key === key);
    expect(again?.arming).toBe(arming);
    expect(again?.fence).toBeGreaterThan(fence);
  }
  await until('nothing is left', async () => (await store.connection.collection('schedule').countDocuments()) === 0);
  await worker.close();
});
