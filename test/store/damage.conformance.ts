import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BareServer, startBareServer } from '../support/bare-server.ts';
import { damageAll, fill, SPOILS, tell } from '../support/damage.ts';

let server: BareServer;
let truth: (string | null)[] = [];
beforeAll(async () => {
  server = await startBareServer();
  await fill(server);
  truth = await tell(server);
  expect(truth).not.toContain(null);
});
afterAll(() => server.close());

it.each(Object.keys(SPOILS))(
  'is refused, or tells the truth, or an error, whichever page it is: %s',
  async (how) => {
    const fates = await damageAll(server, truth, how, { step: 1, often: how === 'a byte changed' ? 400 : 0 });
    process.stderr.write(`store damage: ${how}: ${JSON.stringify(fates)}\n`);
    expect(fates).toMatchObject({ WRONG: 0 });
  },
  120_000,
);
