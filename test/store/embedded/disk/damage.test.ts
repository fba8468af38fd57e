import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../../../support/bare-server.ts';
import { damageAll, fill, SPOILS, tell } from '../../../support/damage.ts';

let server: BareServer;
let truth: (string | null)[] = [];
beforeAll(async () => {
  server = await startBareServer();
  await fill(server);
  truth = await tell(server);
  expect(truth).not.toContain(null);
});
afterAll(() => server.close());

/** Every page, and every byte of the first two: test/store/damage.conformance.ts. */
it.each(Object.keys(SPOILS))('is refused, or tells the truth, or an error: %s', async (how) => {
  const fates = await damageAll(server, truth, how, { step: 23, often: 4 });
  expect(fates).toMatchObject({ WRONG: 0 });
  expect(fates.refused).toBeGreaterThan(0);
});
