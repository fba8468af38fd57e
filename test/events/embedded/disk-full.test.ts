import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';

const PLENTY = 1e9;
/** Longer than the log trusts a look at the disk. */
const LOOK_MS = 120;
const record = (value: string) => ({ key: 'k', value: Buffer.from(value), headers: {} });

let free = PLENTY;
let bus: EmbeddedBus;
beforeEach(async () => {
  free = PLENTY;
  bus = await openTestBus([{ name: 't.a', partitions: 1, retentionMs: 3_600_000 }], { freeBytes: () => free });
});
afterEach(() => bus.close());

it('acknowledges nothing while the disk is full, and goes on where it was once there is room', async () => {
  const seen: string[] = [];
  const tail = await bus.tail({
    topics: ['t.a'],
    from: 'latest',
    onRecord: ({ value }) => void seen.push(Buffer.from(value).toString()),
  });
  await bus.publish('t.a', [record('before')]);
  free = 0;
  await wait(LOOK_MS);
  await expect(bus.publish('t.a', [record('refused')])).rejects.toMatchObject({
    code: 'BUS_UNAVAILABLE',
    retryable: true,
    cause: { code: 'DISK_FULL' },
  });
  free = PLENTY;
  await wait(LOOK_MS);
  await bus.publish('t.a', [record('after')]);
  await until('both are seen', () => seen.length === 2);
  expect(seen).toEqual(['before', 'after']);
  await tail.close();
});
