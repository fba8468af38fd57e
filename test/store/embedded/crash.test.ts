import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspect, writeUntilKilled } from '../../support/store-crash.ts';

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

it.each([
  [0, 200],
  [1_000_000, 101],
])('keeps all that was acknowledged when killed under load, numbers from %i', async (first, writes) => {
  const acknowledged = await writeUntilKilled(dataDir, first, writes);
  expect(acknowledged.transactions.length + acknowledged.inserts.length).toBeGreaterThanOrEqual(writes);
  expect(await inspect(dataDir, acknowledged)).toMatchObject({
    lostInserts: [],
    lostTransactions: [],
    halfTransactions: [],
    phantoms: [],
    miscounted: 0,
  });
});
