import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackTransports, type Send } from '../../support/attack-transports.ts';
import { forkScript, killHard } from '../../support/fork-script.ts';
import { isAnonymous, isDocument, readAttacks } from '../../support/graphql-attacks.ts';

const pack = readAttacks();
const attacks = (pack?.cases ?? []).filter((one) => isDocument(one) && !isAnonymous(one));
/** Milliseconds for which an attack may keep the event loop from everybody else. */
const LONGEST_STALL_MS = 200;

describe.skipIf(!pack)('the event loop of a gateway', () => {
  let server: ChildProcess;
  let transports: Record<string, Send>;
  beforeAll(async () => {
    server = forkScript(new URL('./attacked-server.ts', import.meta.url), [pack?.schema ?? '']);
    const [{ url }] = await once(server, 'message');
    transports = attackTransports({ url, token: 'ada' });
    // What is slow the first time is the server's own start, not the attack's doing.
    for (const send of Object.values(transports)) {
      for (let count = 0; count < 20; count += 1) await send({ query: `{ a${count}: hello }` });
    }
  });
  afterAll(() => killHard(server));

  async function stall(): Promise<{ maxMs: number; cpuMs: number }> {
    server.send('stall');
    const [told] = await once(server, 'message');
    return told;
  }

  const table = ['POST', 'GET', 'SSE', 'WebSocket'].flatMap((name) =>
    attacks.map((one) => [one.id, name, one] as const),
  );
  it.each(table)('is not held up by %s over %s', async (_id, name, one) => {
    await stall();
    await transports[name]?.(one.body as object);
    const { maxMs } = await stall();
    expect(maxMs).toBeLessThan(LONGEST_STALL_MS);
  });

  it('is not held up by 20 of each at once', async () => {
    await stall();
    for (const one of attacks)
      await Promise.all(Array.from({ length: 20 }, () => transports['POST']?.(one.body as object)));
    expect((await stall()).maxMs).toBeLessThan(LONGEST_STALL_MS);
    const alive = await transports['POST']?.({ query: '{ hello }' });
    expect(alive).toEqual({ status: 200, text: '{"data":{"hello":"hello"}}' });
  });
});
