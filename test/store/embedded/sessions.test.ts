import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, UUID } from 'bson';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRawServer, type RawServer, type RawSession, toRawSession } from '../../support/raw-server.ts';
import { openTestStore } from '../../support/test-store.ts';

let server: RawServer;
let session: RawSession;
beforeEach(async () => {
  server = await openRawServer();
  session = toRawSession();
});
afterEach(() => server.close());

const insert = (id: number, fields: Document = {}) =>
  server.command({ insert: 'rows', documents: [{ _id: id }], ...fields });
const find = (fields: Document = {}) => server.command({ find: 'rows', filter: {}, ...fields });
const idsOf = (answer: Document) => answer['cursor'].firstBatch.map(({ _id }: Document) => _id);
const TRANSIENT = { errorLabels: ['TransientTransactionError'] };

describe('a transaction', () => {
  it('that wrote answers its commit again, over a restart too', async () => {
    await insert(1, session.within(1, true));
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 1 });
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 1 });
    await server.reopen();
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 1 });
    expect(await server.command(session.commit(0))).toMatchObject({ ok: 0, code: 225 });
    expect(idsOf(await find())).toEqual([1]);
  });

  it('that wrote nothing answers its commit again', async () => {
    await find(session.within(1, true));
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 1 });
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 1 });
  });

  it('is gone with a restart', async () => {
    await insert(1, session.within(1, true));
    await server.reopen();
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 0, code: 251, ...TRANSIENT });
    expect(idsOf(await find())).toEqual([]);
  });

  it('lives a minute', async () => {
    await insert(1, session.within(1, true));
    server.clock.advance(59_000);
    expect(await insert(2, session.within(1))).toMatchObject({ ok: 1 });
    server.clock.advance(2000);
    expect(await insert(3, session.within(1))).toMatchObject({ ok: 0, code: 251, ...TRANSIENT });
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 0, code: 251 });
    expect(idsOf(await find())).toEqual([]);
  });

  it('meets the one that wrote the document first at once, and may write it when that is over', async () => {
    const other = toRawSession();
    await insert(1, session.within(1, true));
    expect(await insert(1, other.within(1, true))).toMatchObject({ ok: 0, code: 112, ...TRANSIENT });
    expect(await server.command(other.commit(1))).toMatchObject({ ok: 0, code: 251 });
    await server.command(session.abort(1));
    expect(await insert(1, other.within(2, true))).toMatchObject({ ok: 1 });
    expect(await server.command(other.commit(2))).toMatchObject({ ok: 1 });
  });

  it('does not hold up one that writes outside: it is overtaken', async () => {
    await insert(1);
    await server.command({
      update: 'rows',
      updates: [{ q: { _id: 1 }, u: { $set: { n: 1 } } }],
      ...session.within(1, true),
    });
    expect(await server.command({ update: 'rows', updates: [{ q: { _id: 1 }, u: { $set: { n: 2 } } }] })).toMatchObject(
      { n: 1 },
    );
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 0, code: 112, ...TRANSIENT });
  });

  it('writes no more than fits in memory', async () => {
    const text = 'x'.repeat(15 * 1024 * 1024);
    const put = (id: number, isFirst: boolean) =>
      server.command({ insert: 'rows', documents: [{ _id: id, text }], ...session.within(1, isFirst) });
    const answers: Document[] = [];
    for (let id = 0; id < 5; id += 1) answers.push(await put(id, id === 0));
    expect(answers.map(({ code }) => code)).toEqual([undefined, undefined, undefined, undefined, 257]);
    expect(await server.command(session.commit(1))).toMatchObject({ code: 251 });
  });

  it('closes its cursors, and lets nobody else read them', async () => {
    await server.command({ insert: 'rows', documents: Array.from({ length: 9 }, (_, _id) => ({ _id })) });
    const open = async (isFirst: boolean) => (await find({ batchSize: 2, ...session.within(1, isFirst) }))['cursor'].id;
    const [id, other] = [await open(true), await open(false)];
    expect(await server.command({ getMore: id, collection: 'rows' })).toMatchObject({ code: 43 });
    expect(await server.command({ getMore: id, collection: 'rows', ...session.within(1) })).toMatchObject({ ok: 1 });
    await server.command(session.commit(1));
    expect(await server.command({ killCursors: 'rows', cursors: [other] })).toMatchObject({ cursorsNotFound: [other] });
  });

  it('makes collections and indexes that appear with its commit, or never', async () => {
    const collections = async () =>
      (await server.command({ listCollections: 1 }))['cursor'].firstBatch.map(({ name }: Document) => name);
    const make = async (number: number) => {
      await server.command({ create: 'made', ...session.within(number, true) });
      const index = { key: { n: 1 }, name: 'n_1', unique: true };
      await server.command({ createIndexes: 'made', indexes: [index], ...session.within(number) });
      return server.command({ insert: 'made', documents: [{ n: [1, 2] }], ...session.within(number) });
    };
    expect(await make(1)).toMatchObject({ ok: 1, n: 1 });
    expect(await collections()).toEqual([]);
    await server.command(session.abort(1));
    expect(await collections()).toEqual([]);
    await make(2);
    await server.command(session.commit(2));
    expect(await collections()).toEqual(['made']);
    expect(await server.command({ insert: 'made', documents: [{ n: 2 }] })).toMatchObject({
      writeErrors: [{ code: 11000 }],
    });
    await server.reopen();
    const explained = await server.command({ explain: { find: 'made', filter: { n: 2 } } });
    expect(explained).toMatchObject({ executionStats: { nReturned: 1 }, queryPlanner: { winningPlan: {} } });
    expect(await server.command({ insert: 'made', documents: [{ n: 1 }] })).toMatchObject({
      writeErrors: [{ code: 11000 }],
    });
    await server.command({ insert: 'other', documents: [{ n: 1 }] });
    expect((await server.command({ find: 'made', filter: {} }))['cursor'].firstBatch).toHaveLength(1);
  });

  it.each<[string, Document]>([
    ['update', { update: 'absent', updates: [{ q: {}, u: { $set: { n: 1 } } }] }],
    ['findAndModify', { findAndModify: 'absent', query: {}, update: { $set: { n: 1 } } }],
    ['delete', { delete: 'absent', deletes: [{ q: {}, limit: 1 }] }],
    ['find', { find: 'absent', filter: {} }],
  ])('that looks for something in an absent collection does not make it: %s', async (_name, command) => {
    expect(await server.command({ ...command, ...session.within(1, true) })).toMatchObject({ ok: 1 });
    await server.command(session.commit(1));
    expect(await server.command(command)).toMatchObject({ ok: 1 });
    expect((await server.command({ listCollections: 1 }))['cursor'].firstBatch).toEqual([]);
  });

  it('indexes no collection that was there before', async () => {
    await insert(1);
    const index = { key: { n: 1 }, name: 'n_1' };
    const answer = await server.command({ createIndexes: 'rows', indexes: [index], ...session.within(1, true) });
    expect(answer).toMatchObject({ ok: 0, code: 263 });
  });
});

describe('a command is refused that', () => {
  const lsid = { id: new UUID() };
  it.each<[string, Document, number]>([
    ['has a session without an id', { lsid: {} }, 14],
    ['has a session whose id is no UUID', { lsid: { id: 'mine' } }, 14],
    ['has a session that is no document', { lsid: 5 }, 14],
    ['has a number but no session', { txnNumber: 1 }, 72],
    ['has a number below 0', { lsid, txnNumber: -1 }, 72],
    ['has a number that is none', { lsid, txnNumber: 'one' }, 72],
    ['says autocommit: true', { lsid, txnNumber: 1, autocommit: true }, 72],
    ['starts a transaction without autocommit', { lsid, txnNumber: 1, startTransaction: true }, 72],
    ['goes on with a transaction nobody began', { lsid, txnNumber: 1, autocommit: false }, 251],
    ['asks for a snapshot outside a transaction', { readConcern: { level: 'snapshot' } }, 115],
    [
      'asks for a level no transaction has',
      { lsid, txnNumber: 1, autocommit: false, startTransaction: true, readConcern: { level: 'linearizable' } },
      72,
    ],
    [
      'has a write concern within a transaction',
      { lsid, txnNumber: 1, autocommit: false, startTransaction: true, writeConcern: { w: 1 } },
      72,
    ],
    ['has a write concern of nonsense', { writeConcern: { w: -3 } }, 9],
  ])('%s', async (_name, fields, code) => {
    expect(await find(fields)).toMatchObject({ ok: 0, code });
    expect(server.faults).toEqual([]);
  });

  it.each([
    ['commit', { commitTransaction: 1, $db: 'admin' }, 72],
    ['abort', { abortTransaction: 1, lsid, $db: 'admin' }, 72],
    ['count', { count: 'rows', lsid, txnNumber: 1, autocommit: false, startTransaction: true }, 263],
  ])('ends or enters a transaction wrongly: %s', async (_name, command, code) => {
    expect(await server.command(command)).toMatchObject({ ok: 0, code });
    expect(server.faults).toEqual([]);
  });

  it('tells that no more members can have a write, which is done all the same', async () => {
    expect(await insert(1, { writeConcern: { w: 3 } })).toMatchObject({ n: 1, writeConcernError: { code: 100 } });
    expect(await insert(2, { writeConcern: { w: 'far' } })).toMatchObject({ n: 1, writeConcernError: { code: 79 } });
    expect(await insert(3, { writeConcern: { w: 'majority', j: true } })).not.toHaveProperty('writeConcernError');
  });
});

describe('sessions', () => {
  it.each([{ hello: 1 }, { ping: 1 }, { nonsense: 1 }, { find: 'rows', filter: { $nonsense: 1 } }])(
    'are told the time by every answer: %o',
    async (command) => {
      const answer = await server.command(command);
      expect(answer['operationTime']).toEqual(answer['$clusterTime'].clusterTime);
      expect(answer['operationTime'].t).toBeGreaterThanOrEqual(1_700_000_000);
    },
  );

  it.each([
    ['endSessions', (lsid: Document) => ({ endSessions: [lsid] })],
    ['killSessions', (lsid: Document) => ({ killSessions: [lsid] })],
    ['killSessions of all', () => ({ killSessions: [] })],
    ['killAllSessions', () => ({ killAllSessions: [] })],
  ])('end with their transactions: %s', async (_name, command) => {
    await insert(1, session.within(1, true));
    expect(await server.command({ ...command(session.lsid), $db: 'admin' })).toMatchObject({ ok: 1 });
    expect(await server.command(session.commit(1))).toMatchObject({ ok: 0, code: 251 });
  });

  it('lose their cursors when killed', async () => {
    await server.command({ insert: 'rows', documents: Array.from({ length: 9 }, (_, _id) => ({ _id })) });
    const { cursor } = await find({ batchSize: 2, lsid: session.lsid });
    await server.command({ killSessions: [session.lsid] });
    expect(await server.command({ getMore: cursor.id, collection: 'rows', lsid: session.lsid })).toMatchObject({
      code: 43,
    });
  });

  it('are begun, kept and checked', async () => {
    const started = await server.command({ startSession: 1, $db: 'admin' });
    expect(started).toMatchObject({ ok: 1, timeoutMinutes: 30 });
    expect(await server.command({ refreshSessions: [started['id']] })).toMatchObject({ ok: 1 });
    expect(await server.command({ endSessions: 'all' })).toMatchObject({ ok: 0, code: 14 });
  });
});

/** Number of the last commit in an lmdb file: the newer of its two meta pages. */
function commitsOf(file: string): number {
  const bytes = readFileSync(file);
  return Math.max(...[0, bytes.readUInt32LE(48)].map((at) => Number(bytes.readBigUInt64LE(at + 152))));
}

it('commits of transactions under way together share syncs', async () => {
  const store = await openTestStore();
  const file = join(store.dataDir, 'store', 'data.mdb');
  const rows = store.connection.collection<{ _id: number }>('rows');
  await rows.insertOne({ _id: -1 });
  const before = commitsOf(file);
  const transactions = 60;
  await Promise.all(
    Array.from({ length: transactions }, (_, _id) =>
      store.transaction((session) => rows.insertOne({ _id }, { session })),
    ),
  );
  const commits = commitsOf(file) - before;
  expect(await rows.countDocuments()).toBe(transactions + 1);
  await store.close();
  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(transactions / 2);
});
