import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRawServer, type RawServer, type RawSession, toRawSession } from '../../support/raw-server.ts';

let server: RawServer;
let session: RawSession;
beforeEach(async () => {
  server = await openRawServer();
  session = toRawSession();
});
afterEach(() => server.close());

const rows = async () =>
  (await server.command({ find: 'rows', filter: {}, sort: { _id: 1 } }))['cursor'].firstBatch as unknown[];

const increment = (id: number) => ({ q: { _id: id }, u: { $inc: { n: 1 } } });

describe('a write sent again under its number', () => {
  it.each<[string, object, object, unknown[]]>([
    [
      'insert',
      { insert: 'rows', documents: [{ _id: 5 }, { _id: 6 }] },
      { n: 2 },
      [{ _id: 1, n: 0 }, { _id: 2, n: 0 }, { _id: 5 }, { _id: 6 }],
    ],
    [
      'update',
      { update: 'rows', updates: [increment(1), increment(1), increment(2)] },
      { n: 3, nModified: 3 },
      [
        { _id: 1, n: 2 },
        { _id: 2, n: 1 },
      ],
    ],
    [
      'upsert',
      { update: 'rows', updates: [{ ...increment(7), upsert: true }, increment(7)] },
      { n: 2, nModified: 1, upserted: [{ index: 0, _id: 7 }] },
      [
        { _id: 1, n: 0 },
        { _id: 2, n: 0 },
        { _id: 7, n: 2 },
      ],
    ],
    ['delete', { delete: 'rows', deletes: [{ q: { n: 0 }, limit: 1 }] }, { n: 1 }, [{ _id: 2, n: 0 }]],
    [
      'findAndModify',
      { findAndModify: 'rows', query: { _id: 1 }, update: { $inc: { n: 1 } }, new: true },
      { value: { _id: 1, n: 1 }, lastErrorObject: { updatedExisting: true } },
      [
        { _id: 1, n: 1 },
        { _id: 2, n: 0 },
      ],
    ],
    [
      'findAndModify that removes',
      { findAndModify: 'rows', query: { _id: 1 }, remove: true },
      { value: { _id: 1, n: 0 } },
      [{ _id: 2, n: 0 }],
    ],
  ])('happens once, over a restart too: %s', async (_name, command, answer, stored) => {
    await server.command({
      insert: 'rows',
      documents: [
        { _id: 1, n: 0 },
        { _id: 2, n: 0 },
      ],
    });
    const send = () => server.command({ ...command, ...session.write(3) });
    expect(await send()).toMatchObject({ ok: 1, ...answer });
    expect(await send()).toMatchObject({ ok: 1, ...answer });
    await server.reopen();
    expect(await send()).toMatchObject({ ok: 1, ...answer });
    expect(await rows()).toEqual(stored);
  });

  it('does only what was not done, and says what was', async () => {
    await server.command({ insert: 'rows', documents: [{ _id: 1, n: 0 }] });
    await server.command({ update: 'rows', updates: [increment(1), increment(1)], ...session.write(1) });
    const again = await server.command({
      update: 'rows',
      updates: [increment(1), increment(1), increment(1)],
      ...session.write(1),
    });
    expect(again).toMatchObject({ n: 3, nModified: 3, retriedStmtIds: [0, 1] });
    expect(await rows()).toEqual([{ _id: 1, n: 3 }]);
  });

  it('tries again the statement that failed, not those before it', async () => {
    const send = () =>
      server.command({ insert: 'rows', documents: [{ _id: 1 }, { _id: 2 }, { _id: 3 }], ...session.write(1) });
    await server.command({ insert: 'rows', documents: [{ _id: 2 }] });
    expect(await send()).toMatchObject({ n: 1, writeErrors: [{ index: 1, code: 11000 }] });
    await server.command({ delete: 'rows', deletes: [{ q: { _id: 2 }, limit: 1 }] });
    expect(await send()).toMatchObject({ n: 3, retriedStmtIds: [0] });
  });

  it('waits for the first try, when both are under way', async () => {
    const send = () => server.command({ insert: 'rows', documents: [{ _id: 1 }], ...session.write(1) });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ n, writeErrors }) => [n, writeErrors])).toEqual(Array(3).fill([1, undefined]));
  });
});

describe('numbers of a session', () => {
  it('do not go back', async () => {
    const insert = (id: number, number: number) =>
      server.command({ insert: 'rows', documents: [{ _id: id }], ...session.write(number) });
    await insert(1, 5);
    expect(await insert(2, 4)).toMatchObject({ ok: 0, code: 225 });
    expect(await insert(3, 6)).toMatchObject({ ok: 1, n: 1 });
  });

  it('are not a write’s after they were a transaction’s', async () => {
    await server.command({ insert: 'rows', documents: [{ _id: 1 }], ...session.within(2, true) });
    await server.command(session.commit(2));
    const write = await server.command({ insert: 'rows', documents: [{ _id: 2 }], ...session.write(2) });
    expect(write).toMatchObject({ ok: 0, code: 225 });
  });

  it.each<[string, object, number]>([
    ['many documents at once', { update: 'rows', updates: [{ q: {}, u: { $set: { n: 1 } }, multi: true }] }, 72],
    ['many removed at once', { delete: 'rows', deletes: [{ q: {}, limit: 0 }] }, 72],
    ['a read', { find: 'rows', filter: {} }, 50_768],
    ['updates that are none', { update: 'rows', updates: 'all' }, 14],
    ['updates of nothing', { update: 'rows', updates: [null] }, 14],
    ['deletes that are none', { delete: 'rows', deletes: 5 }, 14],
    ['deletes that are not there', { delete: 'rows' }, 40_414],
  ])('are refused for %s', async (_name, command, code) => {
    expect(await server.command({ ...command, ...session.write(1) })).toMatchObject({ ok: 0, code });
    expect(server.faults).toEqual([]);
  });
});
