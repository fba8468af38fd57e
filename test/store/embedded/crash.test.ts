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
  [0, 700],
  [1_000_000, 350],
])('keeps all that was acknowledged when killed under load, numbers from %i', async (first, milliseconds) => {
  const acknowledged = await writeUntilKilled(dataDir, first, milliseconds);
  expect(acknowledged.transactions.length).toBeGreaterThan(10);
  expect(acknowledged.inserts.length).toBeGreaterThan(10);
  expect(await inspect(dataDir, acknowledged)).toMatchObject({
    lostInserts: [],
    lostTransactions: [],
    halfTransactions: [],
    phantoms: [],
    miscounted: 0,
  });
});
