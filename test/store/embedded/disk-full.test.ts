import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEmbeddedServer, type EmbeddedServer } from '../../../store/embedded/serve/create-server.ts';
import { withStoreFailures } from '../../../store/store-failure.ts';

const PLENTY = 1e9;
/** Longer than the store trusts a look at the disk. */
const LOOK_MS = 120;

let folder = '';
let free = PLENTY;
let failures: unknown[] = [];
let server: EmbeddedServer;
let connection: Connection;

async function open(): Promise<void> {
  const files = { file: join(folder, 'data.mdb'), socketPath: join(folder, 's.sock') };
  server = await createEmbeddedServer({ ...files, freeBytes: () => free, onFailure: (error) => failures.push(error) });
  connection = await mongoose
    .createConnection(`mongodb://${encodeURIComponent(server.address)}/?directConnection=true`, { dbName: 'test' })
    .asPromise();
}
async function close(): Promise<void> {
  await connection.close();
  await server.close();
}
async function setFree(bytes: number): Promise<void> {
  free = bytes;
  await wait(LOOK_MS);
}
const rows = () => connection.collection<{ _id: string; n?: number }>('rows');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-full-'));
  free = PLENTY;
  failures = [];
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

it('refuses writes on a full disk with MongoDB’s own code, reads on, and takes writes again once there is room', async () => {
  await rows().insertOne({ _id: 'before' });
  await setFree(0);
  await expect(rows().insertOne({ _id: 'a' })).rejects.toMatchObject({ code: 14_031, codeName: 'OutOfDiskSpace' });
  await expect(rows().updateOne({ _id: 'before' }, { $set: { n: 1 } })).rejects.toMatchObject({ code: 14_031 });
  await expect(rows().deleteOne({ _id: 'before' })).rejects.toMatchObject({ code: 14_031 });
  expect(await rows().find().toArray()).toEqual([{ _id: 'before' }]);
  await setFree(PLENTY);
  await rows().insertOne({ _id: 'after' });
  expect(await rows().distinct('_id')).toEqual(['after', 'before']);
  expect(failures).toEqual([]);
});

it('commits nothing of a transaction that meets a full disk', async () => {
  await rows().insertOne({ _id: 'counter', n: 0 });
  const run = () =>
    connection.transaction(async (session) => {
      await rows().insertOne({ _id: 'x' }, { session });
      await setFree(0);
      await rows().updateOne({ _id: 'counter' }, { $inc: { n: 1 } }, { session });
    });
  await expect(run()).rejects.toMatchObject({ code: 14_031 });
  await setFree(PLENTY);
  expect(await rows().find().toArray()).toEqual([{ _id: 'counter', n: 0 }]);
  await rows().updateOne({ _id: 'counter' }, { $inc: { n: 1 } });
});

it('keeps a collection first asked for on a full disk, once it took a write, over a restart', async () => {
  const late = () => connection.collection<{ _id: string; tags: string[] }>('late');
  await setFree(0);
  await expect(late().insertOne({ _id: 'a', tags: ['x', 'y'] })).rejects.toMatchObject({ code: 14_031 });
  await expect(late().createIndex({ tags: 1 })).rejects.toMatchObject({ code: 14_031 });
  await setFree(PLENTY);
  await late().createIndex({ tags: 1 });
  await setFree(0);
  await expect(late().insertOne({ _id: 'a', tags: ['x', 'y'] })).rejects.toMatchObject({ code: 14_031 });
  await setFree(PLENTY);
  await late().insertOne({ _id: 'a', tags: ['x', 'y'] });
  await close();
  await open();
  expect(
    await late()
      .find({ tags: { $in: ['x', 'y'] } })
      .toArray(),
  ).toEqual([{ _id: 'a', tags: ['x', 'y'] }]);
});

it('is told to callers as DISK_FULL, to be tried again', async () => {
  await setFree(0);
  await expect(withStoreFailures(() => rows().insertOne({ _id: 'a' }))).rejects.toMatchObject({
    code: 'DISK_FULL',
    retryable: true,
  });
});
