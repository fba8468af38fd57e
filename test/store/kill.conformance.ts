import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspect, UNHARMED } from '../support/crash/inspect.ts';
import { workUntilKilled } from '../support/crash/told.ts';

const KILLS = 30;
/** Kills after which a fresh data folder takes over: documents pile up, and each inspection reads them all. */
const KILLS_A_FOLDER = 10;

it('loses nothing acknowledged and keeps no half transaction over 30 kills under mixed load', async () => {
  let [acknowledged, transfers, builds, dataDir] = [0, 0, 0, ''];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      if (kill % KILLS_A_FOLDER === 0) {
        await rm(dataDir, { recursive: true, force: true });
        dataDir = await mkdtemp(join(tmpdir(), 'tributary-kill-'));
      }
      const told = await workUntilKilled(dataDir, kill * 1_000_000, 150 + Math.floor(Math.random() * 700));
      expect(await inspect(dataDir, told), `after kill ${kill + 1}`).toEqual(UNHARMED);
      acknowledged += told.acknowledged;
      transfers += told.transfers.size;
      builds += told.builds;
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  expect(transfers).toBeGreaterThan(KILLS * 5);
  process.stderr.write(
    `store kill: ${KILLS} kills, ${acknowledged} acknowledged writes (${transfers} transactions), ${builds} index builds, 0 lost\n`,
  );
}, 600_000);
