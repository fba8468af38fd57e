import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBus, openEmbeddedBus } from '../../events/embedded.ts';
import { systemClock } from '../../lib/clock.ts';
import { describeBus } from './bus.contract.ts';

/** Every topic of the suite keeps an hour: a bus whose clock is two hours ahead lets go of all there is. */
const TWO_HOURS_MS = 7_200_000;

describeBus('lmdb, embedded', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tributary-contract-'));
  let ahead = 0;
  const clock = { now: () => systemClock.now() + ahead };
  const elapsed = () => performance.now() + ahead;
  return {
    open: () => openEmbeddedBus({ path, clock, elapsed }),
    elsewhere: {
      module: new URL('../../events/embedded.ts', import.meta.url).href,
      open: 'openEmbeddedBus',
      options: { path },
    },
    trim: async (bus) => void (await (bus as EmbeddedBus).trim()),
    expire: async (bus) => {
      ahead += TWO_HOURS_MS;
      await (bus as EmbeddedBus).trim();
    },
    stop: () => rm(path, { recursive: true, force: true }),
  };
});
