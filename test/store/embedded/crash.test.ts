import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspect, UNHARMED } from '../../support/crash/inspect.ts';
import { workUntilKilled } from '../../support/crash/told.ts';

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

it.each([
  [0, 300],
  [1_000_000, 151],
])('keeps all that was acknowledged when killed under load, numbers from %i', async (first, writes) => {
  const told = await workUntilKilled(dataDir, first, writes);
  expect(told.acknowledged).toBeGreaterThanOrEqual(writes);
  expect(await inspect(dataDir, told)).toEqual(UNHARMED);
});
