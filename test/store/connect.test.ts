import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../store/connect.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-connect-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('finds again what was stored before it was closed', async () => {
  const before = await openStore({ dataDir });
  await before.connection.collection<{ _id: string }>('rows').insertOne({ _id: 'kept' });
  await before.connection.collection('rows').createIndex({ email: 1 }, { unique: true });
  await before.close();
  const after = await openStore({ dataDir });
  expect(await after.connection.collection<{ _id: string }>('rows').findOne()).toEqual({ _id: 'kept' });
  expect((await after.connection.collection('rows').indexes()).map(({ name }) => name)).toEqual(['_id_', 'email_1']);
  await after.close();
});

it('keeps databases apart', async () => {
  const store = await openStore({ dataDir, database: 'one' });
  await store.connection.collection('rows').insertOne({});
  expect(await store.connection.useDb('two').collection('rows').countDocuments()).toBe(0);
  await store.connection.dropDatabase();
  expect(await store.connection.collection('rows').countDocuments()).toBe(0);
  await store.close();
});

it('listens elsewhere when the path of the data folder is too long for a socket', async () => {
  const deep = join(dataDir, 'd'.repeat(60), 'e'.repeat(60));
  await mkdir(deep, { recursive: true });
  const store = await openStore({ dataDir: deep });
  await store.connection.collection('rows').insertOne({});
  expect(await readdir(join(deep, 'store'))).not.toContain('store.sock');
  await store.close();
});

it('serves the driver by its URI with transactions', async () => {
  const store = await openStore({ dataDir });
  const socket = encodeURIComponent(join(dataDir, 'store', 'store.sock'));
  const again = await openStore({ dataDir, uri: `mongodb://${socket}/?directConnection=true` });
  await again.transaction(async (session) => {
    await again.connection.collection('rows').insertOne({}, { session });
  });
  expect(await store.connection.collection('rows').countDocuments()).toBe(1);
  await again.close();
  await store.close();
});

it('answers DATA_CORRUPT for a damaged file and stays alive', async () => {
  await mkdir(join(dataDir, 'store'));
  await writeFile(join(dataDir, 'store', 'data.mdb'), Buffer.alloc(20_000, 'damage'));
  await expect(openStore({ dataDir })).rejects.toMatchObject({
    code: 'DATA_CORRUPT',
    extensions: { file: 'store/data.mdb' },
  });
});

it('answers DATA_DIR_UNWRITABLE when there can be no folder', async () => {
  await writeFile(join(dataDir, 'store'), 'a file in the way');
  await expect(openStore({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
});

it('answers CONFIG_INVALID when the MongoDB of the URI is not there', async () => {
  const uri = 'mongodb://127.0.0.1:1/?directConnection=true';
  await expect(openStore({ dataDir, uri, connectTimeoutMs: 200 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
