import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TributaryEvent } from '../../events/event.ts';
import { openStore } from '../../store/connect.ts';
import { readmitRefused } from '../../store/outbox.ts';
import type { Store } from '../../store/store.ts';
import { openTestStore } from '../support/test-store.ts';

const event = (id: string, version = 1): TributaryEvent => ({
  id: `evt_${id}_${version}`,
  source: '/crm',
  type: 'crm.account.updated',
  subject: id,
  time: '2026-01-02T03:04:05Z',
  tenant: 'acme',
  cause: 'LIVE',
  data: { __typename: 'Account', id, type: 'crm.account.updated', version, changed: ['name'] },
});
const entry = (id: string, version?: number) => ({ topic: 'crm.account', event: event(id, version) });

it('goes on after what waits, though the clock went back since it was written', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  const ids = async (store: Store) =>
    (await store.connection.collection<{ _id: string }>('outbox').find().toArray()).map(({ _id }) => _id);
  const before = await openStore({ dataDir });
  const ahead = ulid(Date.now() + 30 * 86_400_000);
  await before.connection.collection<{ _id: string }>('outbox').insertOne({ _id: ahead });
  await before.close();
  const after = await openStore({ dataDir });
  await after.transaction((session) => after.outbox.append(session, [entry('acc_1')]));
  const [own] = (await ids(after)).filter((id) => id !== ahead);
  expect((own ?? '') > ahead).toBe(true);
  await after.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the outbox', () => {
  let store: Store;
  const rows = () => store.connection.collection('outbox').find().sort({ _id: 1 }).toArray();
  const accounts = () => store.connection.collection<{ _id: string }>('accounts');

  beforeAll(async () => {
    store = await openTestStore();
  });
  beforeEach(async () => {
    await store.connection.collection('outbox').deleteMany({});
    await accounts().deleteMany({});
  });
  afterAll(() => store.close());

  it('keeps the events of a transaction, in order, as the records they will be', async () => {
    await store.transaction((session) => store.outbox.append(session, [entry('acc_1'), entry('acc_1', 2)]));
    const [first, second] = await rows();
    expect(first).toMatchObject({
      topic: 'crm.account',
      key: 'acc_1',
      version: 1,
      headers: { ce_id: 'evt_acc_1_1', ce_tenant: 'acme' },
    });
    expect(second).toMatchObject({ version: 2 });
    expect(JSON.parse(Buffer.from(first?.['value'].buffer).toString())).toEqual(event('acc_1').data);
  });

  it('keeps nothing of a transaction that fails', async () => {
    const attempt = store.transaction(async (session) => {
      await store.outbox.append(session, [entry('acc_1')]);
      throw new Error('the write failed');
    });
    await expect(attempt).rejects.toThrow('the write failed');
    expect(await rows()).toEqual([]);
  });

  it('fails the whole transaction when an event does not fit the catalog', async () => {
    const attempt = store.transaction(async (session) => {
      await accounts().insertOne({ _id: 'acc_1' }, { session });
      await store.outbox.append(session, [entry('acc_1'), { ...entry('acc_1'), topic: 'crm.contact' }]);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'EVENT_INVALID', extensions: { topic: 'crm.contact' } });
    expect([await rows(), await accounts().countDocuments()]).toEqual([[], 0]);
  });

  it('takes no events at all', async () => {
    await store.transaction((session) => store.outbox.append(session, []));
    expect(await rows()).toEqual([]);
  });

  it('readmits what was set aside, of one topic or of all', async () => {
    await store.transaction((session) => store.outbox.append(session, [entry('acc_1'), entry('acc_2')]));
    const refused = { code: 'PAYLOAD_TOO_LARGE', message: 'too large', at: new Date(0) };
    await store.connection.collection('outbox').updateMany({}, { $set: { refused } });
    expect(await readmitRefused(store.connection, 'crm.contact')).toBe(0);
    expect(await readmitRefused(store.connection, 'crm.account')).toBe(2);
    expect((await rows()).filter((row) => 'refused' in row)).toEqual([]);
    expect(await readmitRefused(store.connection)).toBe(0);
  });
});
