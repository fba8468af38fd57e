import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspect, writeUntilKilled } from '../support/store-crash.ts';

const ROUNDS = 8;

it('loses nothing acknowledged and keeps no half transaction over many kills of one data folder', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
  let acknowledgedInAll = 0;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const acknowledged = await writeUntilKilled(dataDir, round * 1_000_000, 200 + Math.floor(Math.random() * 600));
      const after = await inspect(dataDir, acknowledged);
      expect(after).toMatchObject({
        lostInserts: [],
        lostTransactions: [],
        halfTransactions: [],
        phantoms: [],
        miscounted: 0,
      });
      acknowledgedInAll += acknowledged.inserts.length + acknowledged.transactions.length;
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  expect(acknowledgedInAll).toBeGreaterThan(ROUNDS * 200);
  process.stderr.write(`store crash: ${ROUNDS} kills, ${acknowledgedInAll} acknowledged writes, 0 lost\n`);
});
