import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, Long, UUID } from 'bson';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial, type RawClient } from '../../support/raw-wire.ts';
import { type StoreProcess, startStoreProcess } from '../../support/store-process.ts';
import { verifyStore } from '../../support/verify-store.ts';

function hasLimits(): boolean {
  try {
    execFileSync('prlimit', ['--version']);
    return true;
  } catch {
    process.emitWarning('failed-write.test.ts NOT RUN: there is no prlimit here');
    return false;
  }
}

let folder = '';
let store: StoreProcess;
let client: RawClient;
const file = () => join(folder, 'data.mdb');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-failed-'));
  store = await startStoreProcess(folder);
  client = await dial(join(folder, 'store.sock'));
});
afterEach(async () => {
  client.close();
  await store.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The system refuses every write beyond so many bytes of a file from now on, as a disk does that fails. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(store.pid), `--fsize=${bytes}:unlimited`]);
}
const $db = 'test';
const run = (command: Document) => client.command({ ...command, $db });
const insert = (name: string, _id: number) =>
  run({ insert: name, documents: [{ _id, x: 'y'.repeat(3000), n: _id % 7 }] });
const idsOf = async (name: string): Promise<number[]> =>
  (await run({ distinct: name, key: '_id' }))['values'].toSorted((left: number, right: number) => left - right);

/** Writes until the disk fails; answers what was acknowledged and what was said of the others. */
async function writeUntilRefused(): Promise<{ kept: number[]; counted: number; codes: Set<number> }> {
  const [kept, codes] = [[] as number[], new Set<number>()];
  let counted = 0;
  let next = 0;
  const writer = async () => {
    while (codes.size === 0) {
      const _id = next++;
      const [inserted, increased] = await Promise.all([
        insert('rows', _id),
        run({ update: 'counters', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }] }),
      ]);
      if (inserted['ok'] === 1) kept.push(_id);
      else codes.add(inserted['code']);
      if (increased['ok'] === 1) counted += 1;
      else codes.add(increased['code']);
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  return { kept: kept.sort((left, right) => left - right), counted, codes };
}

describe.skipIf(!hasLimits())('a write that the disk refuses', () => {
  it('is told so, costs nothing that was acknowledged, and keeps nobody from writing once the disk takes writes again', async () => {
    await run({ createIndexes: 'rows', indexes: [{ key: { n: 1, _id: -1 }, name: 'n' }] });
    limitFiles(statSync(file()).size + 600_000);
    const { kept, counted, codes } = await writeUntilRefused();
    expect([...codes]).toEqual([96]);
    expect(kept.length).toBeGreaterThan(10);
    expect(await idsOf('rows')).toEqual(kept);
    const large = { insert: 'new', documents: [{ _id: 1, x: 'z'.repeat(2_000_000) }] };
    for (let again = 0; again < 3; again += 1) expect(await run(large)).toMatchObject({ ok: 0, code: 96 });
    limitFiles('unlimited');
    expect(await insert('new', 1)).toMatchObject({ ok: 1, n: 1 });
    expect(await insert('rows', 1_000_000)).toMatchObject({ ok: 1, n: 1 });
    expect(await idsOf('rows')).toEqual([...kept, 1_000_000]);
    const { cursor } = await run({ find: 'counters' });
    expect(cursor.firstBatch).toEqual([{ _id: 1, n: counted }]);
    await store.stop();
    expect(await verifyStore(file())).toEqual([]);
  });

  it('overtakes open transactions, ends an index build, and tells a watcher nothing', async () => {
    await insert('rows', 0);
    const lsid = { id: new UUID() };
    const facts = { lsid, txnNumber: Long.ONE, autocommit: false };
    await run({ find: 'rows', ...facts, startTransaction: true });
    const { cursor } = await run({ aggregate: 'rows', pipeline: [{ $changeStream: {} }], cursor: {} });
    limitFiles(statSync(file()).size);
    const large = Array.from({ length: 40 }, (_, at) => ({ _id: 100 + at, x: 'z'.repeat(50_000) }));
    expect(await run({ insert: 'rows', documents: large })).toMatchObject({ ok: 0, code: 96 });
    expect(await run({ createIndexes: 'rows', indexes: [{ key: { x: 1 }, name: 'x' }] })).toMatchObject({ ok: 0 });
    limitFiles('unlimited');
    expect(await run({ createIndexes: 'rows', indexes: [{ key: { x: 1 }, name: 'x' }] })).toMatchObject({ ok: 1 });
    expect(await run({ insert: 'rows', documents: [{ _id: 7 }], ...facts })).toMatchObject({
      ok: 0,
      errorLabels: ['TransientTransactionError'],
    });
    await insert('rows', 8);
    const more = await run({ getMore: cursor.id, collection: 'rows', maxTimeMS: 500 });
    expect(more['cursor'].nextBatch.map(({ documentKey }: Document) => documentKey)).toEqual([{ _id: 8 }]);
    expect(await idsOf('rows')).toEqual([0, 8]);
    await store.stop();
    expect(await verifyStore(file())).toEqual([]);
  });
});
