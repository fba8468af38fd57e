import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../support/bare-server.ts';
import { actsAsTheOracle, findsTheSameByEveryIndex } from '../support/oracle/properties.ts';
import { DECODING } from '../support/oracle/replay.ts';
import type { RawClient } from '../support/raw-wire.ts';

let server: BareServer;
let client: RawClient;
beforeAll(async () => {
  server = await startBareServer();
  client = await server.dial(DECODING);
});
afterAll(async () => {
  client.close();
  await server.close();
  expect(server.failures).toEqual([]);
});

const { FUZZ_SEED = '1' } = process.env;

/** The same commands every time, so that CI is calm, unless `FUZZ_SEED` is another number or `random`. */
const SEED = FUZZ_SEED === 'random' ? {} : { seed: Number(FUZZ_SEED) };

/** As many as there is time for; a failure is told with its seed and made small for up to two minutes. */
const FOR_A_WHILE = { ...SEED, numRuns: 1_000_000, interruptAfterTimeLimit: 25_000, markInterruptAsFailure: false };

it('does to random commands what a brute-force database does', async () => {
  await actsAsTheOracle(client, FOR_A_WHILE);
}, 240_000);

it('finds the same by every index as without one', async () => {
  await findsTheSameByEveryIndex(client, FOR_A_WHILE);
}, 240_000);
