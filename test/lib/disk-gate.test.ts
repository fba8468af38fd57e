import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDiskGate, freeBytesOf } from '../../lib/disk-gate.ts';

const MB = 1024 * 1024;

it('refuses writes below its reserve, and lets them go on once there is room again', async () => {
  let free = 64 * MB;
  const gate = createDiskGate(() => free);
  gate.require();
  free -= 1;
  await wait(110);
  expect(() => gate.require()).toThrowError(expect.objectContaining({ code: 'DISK_FULL', retryable: true }));
  free += 1;
  await wait(110);
  gate.require();
});

it('looks at the disk ten times a second at most', () => {
  let looks = 0;
  const gate = createDiskGate(() => {
    looks += 1;
    return 100 * MB;
  });
  for (let write = 0; write < 1_000; write += 1) gate.require();
  expect(looks).toBe(1);
});

it('lets nothing through after a write has failed, whatever room there is', () => {
  const gate = createDiskGate(() => 100 * MB);
  gate.fail(new Error('Input/output error'));
  expect(() => gate.require()).toThrowError(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
});

it('takes a file system that does not answer for one with room', () => {
  expect(freeBytesOf('/nowhere/at/all')).toBe(Number.POSITIVE_INFINITY);
  expect(freeBytesOf('.')).toBeGreaterThan(0);
});
