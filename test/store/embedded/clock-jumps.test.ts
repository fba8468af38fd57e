import { type Document, Long, type Timestamp, UUID } from 'bson';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFrozenClock } from '../../../lib/clock.ts';
import { type BareServer, startBareServer } from '../../support/bare-server.ts';
import type { RawClient } from '../../support/raw-wire.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const clock = createFrozenClock(Date.UTC(2026, 0, 1));
let server: BareServer;
let client: RawClient;
beforeEach(async () => {
  server = await startBareServer({ clock });
  client = await server.dial();
});
afterEach(async () => {
  client.close();
  await server.close();
  expect(server.failures).toEqual([]);
});
const run = (command: Document) => client.command({ ...command, $db: 'test' });
const insert = async () => (await run({ insert: 'rows', documents: [{}] }))['operationTime'] as Timestamp;

it('tells a rising time though the clock goes back an hour, on a day, and back again, over restarts too', async () => {
  const times: Timestamp[] = [await insert()];
  for (const jump of [-HOUR, DAY, -DAY, -HOUR, HOUR]) {
    clock.advance(jump);
    times.push(await insert(), await insert());
    client.close();
    await server.reopen();
    client = await server.dial();
    times.push(await insert());
  }
  for (const [at, time] of times.entries()) if (at > 0) expect(time.greaterThan(times[at - 1] as Timestamp)).toBe(true);
});

it('answers a write that is sent again after a jump as at first, and does it once', async () => {
  const update = { update: 'n', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }] };
  const command = { ...update, lsid: { id: new UUID() }, txnNumber: Long.ONE };
  const first = await run(command);
  for (const jump of [-HOUR, DAY, -DAY]) {
    clock.advance(jump);
    expect(await run(command)).toMatchObject({ ok: 1, n: first['n'], upserted: first['upserted'] });
  }
  expect((await run({ find: 'n' }))['cursor'].firstBatch).toEqual([{ _id: 1, n: 1 }]);
});

it('lets a transaction go on when the clock goes back, and be run again when it goes on by a day', async () => {
  const facts = { lsid: { id: new UUID() }, autocommit: false };
  const first = { ...facts, txnNumber: Long.ONE };
  await run({ insert: 'rows', documents: [{ _id: 'a' }], ...first, startTransaction: true });
  clock.advance(-HOUR);
  expect(await client.command({ commitTransaction: 1, ...first, $db: 'admin' })).toMatchObject({ ok: 1 });
  const second = { ...facts, txnNumber: Long.fromNumber(2) };
  await run({ insert: 'rows', documents: [{ _id: 'b' }], ...second, startTransaction: true });
  clock.advance(DAY);
  const late = await run({ insert: 'rows', documents: [{ _id: 'c' }], ...second });
  expect(late).toMatchObject({ ok: 0, errorLabels: ['TransientTransactionError'] });
  expect((await run({ distinct: 'rows', key: '_id' }))['values']).toEqual(['a']);
});

it('goes on telling changes to a watcher over a jump either way', async () => {
  await insert();
  const { cursor } = await run({ aggregate: 'rows', pipeline: [{ $changeStream: {} }], cursor: {} });
  for (const jump of [-HOUR, DAY]) {
    clock.advance(jump);
    await insert();
    const more = await run({ getMore: cursor.id, collection: 'rows', maxTimeMS: 500 });
    expect(more['cursor'].nextBatch).toHaveLength(1);
  }
});
