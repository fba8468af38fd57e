import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Long, UUID } from 'bson';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { dial, type RawClient } from '../../support/raw-wire.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store & { dataDir: string };
let client: RawClient;
const socketPath = () => join(store.dataDir, 'store', 'store.sock');

beforeAll(async () => {
  store = await openTestStore();
});
beforeEach(async () => {
  client = await dial(socketPath());
  return () => client.close();
});
afterAll(() => store.close());

it('presents itself as a replica set of one, without streaming heartbeats', async () => {
  const hello = await client.command({ hello: 1, $db: 'admin' });
  expect(hello).toMatchObject({
    ok: 1,
    isWritablePrimary: true,
    setName: 'tributary',
    maxWireVersion: 21,
    hosts: [socketPath()],
  });
  expect(hello).not.toHaveProperty('topologyVersion');
});

it('listens on a socket for its owner alone', () => {
  expect(statSync(socketPath()).mode & 0o777).toBe(0o600);
});

it('tells a rising time with each answer', async () => {
  const insert = () => client.command({ insert: 'times', documents: [{}], $db: 'test' });
  const [first, second] = [await insert(), await insert()];
  expect(second['operationTime'].greaterThan(first['operationTime'])).toBe(true);
  expect(second['$clusterTime'].clusterTime).toEqual(second['operationTime']);
});

it('answers a retried write as at first and writes once', async () => {
  const lsid = { id: new UUID() };
  const command = {
    update: 'retried',
    updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }],
    $db: 'test',
    lsid,
  };
  const first = await client.command({ ...command, txnNumber: Long.fromNumber(1) });
  const again = await client.command({ ...command, txnNumber: Long.fromNumber(1) });
  expect(again).toMatchObject({ n: first['n'], upserted: first['upserted'] });
  expect(first['upserted']).toHaveLength(1);
  const next = await client.command({ ...command, txnNumber: Long.fromNumber(2) });
  expect(next).toMatchObject({ n: 1, nModified: 1 });
  const { cursor } = await client.command({ find: 'retried', $db: 'test' });
  expect(cursor.firstBatch).toEqual([{ _id: 1, n: 2 }]);
});

it('refuses a retryable write that is behind', async () => {
  const command = { insert: 'behind', documents: [{}], $db: 'test', lsid: { id: new UUID() } };
  await client.command({ ...command, txnNumber: Long.fromNumber(5) });
  expect(await client.command({ ...command, txnNumber: Long.fromNumber(4) })).toMatchObject({ ok: 0, code: 225 });
});

it('says of an unknown transaction that it may be run again', async () => {
  const facts = { lsid: { id: new UUID() }, txnNumber: Long.fromNumber(1), autocommit: false, $db: 'admin' };
  expect(await client.command({ find: 'x', ...facts })).toMatchObject({
    ok: 0,
    code: 251,
    errorLabels: ['TransientTransactionError'],
  });
});

it.each([
  ['a command nobody knows', { frobnicate: 1, $db: 'test' }, 59],
  ['a command whose name every object knows', { constructor: 1, $db: 'test' }, 59],
  ['a command of MongoDB that is not offered', { serverStatus: 1, $db: 'admin' }, 115],
  ['a command without a database', { find: 'x' }, 73],
  ['a collection that is no text', { find: 5, $db: 'test' }, 73],
  ['a reserved collection', { insert: 'system.x', documents: [{}], $db: 'test' }, 73],
  ['a snapshot outside a transaction', { find: 'x', readConcern: { level: 'snapshot' }, $db: 'test' }, 115],
  ['an _id that is an array', { insert: 'x', documents: [{ _id: [1] }], $db: 'test' }, undefined],
])('answers %s', async (_what, command, code) => {
  const answer = await client.command(command);
  if (code === undefined) expect(answer).toMatchObject({ ok: 1, n: 0, writeErrors: [{ index: 0, code: 16 }] });
  else expect(answer).toMatchObject({ ok: 0, code });
});
