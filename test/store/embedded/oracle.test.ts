import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../../support/bare-server.ts';
import { actsAsTheOracle, findsTheSameByEveryIndex } from '../../support/oracle/properties.ts';
import { DECODING } from '../../support/oracle/replay.ts';
import type { RawClient } from '../../support/raw-wire.ts';

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

/** Runs that are the same every time, and a few that are not; test/store/oracle.conformance.ts has many. */
it.each([
  ['always the same', { seed: 4, numRuns: 15 }],
  ['new each time', { numRuns: 5 }],
])('does to random commands what a brute-force database does: %s', async (_which, parameters) => {
  await actsAsTheOracle(client, parameters);
});

it('finds the same by every index as without one', async () => {
  await findsTheSameByEveryIndex(client, { numRuns: 4 });
});
