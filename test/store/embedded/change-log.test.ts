import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Timestamp } from 'bson';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DiskFile } from '../../../store/embedded/disk/disk-file.ts';
import { Overlay } from '../../../store/embedded/disk/overlay.ts';
import type { Change } from '../../../store/embedded/engine/change.ts';
import { ChangeLog } from '../../../store/embedded/engine/change-log.ts';

let folder = '';
let disk: DiskFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-changes-'));
  disk = new DiskFile(join(folder, 'data.mdb'));
});
afterEach(async () => {
  await disk.close();
  rmSync(folder, { recursive: true });
});

const toChange = (id: number, bytes?: Uint8Array): Change => ({
  operation: 'insert',
  namespace: 'test.rows',
  id,
  ...(bytes ? { bytes } : {}),
});

/** Logs changes in one commit, at the second of the last one's id; answers how many keys the commit wrote. */
async function append(log: ChangeLog, ...changes: Change[]): Promise<number> {
  const overlay = new Overlay(disk);
  const id = Number(changes.at(-1)?.id);
  const publish = log.append(overlay, changes, { time: new Timestamp({ t: id, i: 1 }), wall: new Date(id * 1000) });
  const { size } = overlay.writes;
  await disk.commit(overlay.writes);
  publish();
  return size;
}

async function appendEach(log: ChangeLog, first: number, last: number, bytes?: Uint8Array): Promise<void> {
  for (let id = first; id <= last; id += 1) await append(log, toChange(id, bytes));
}

/** Sequence of the first change that is still kept. */
function firstKept(log: ChangeLog): number {
  let sequence = 0;
  while (!log.isKept(sequence)) sequence += 1;
  return sequence + 1;
}

it('keeps as many changes as it should and a few more', async () => {
  const log = new ChangeLog(disk, { changes: 20 });
  await appendEach(log, 1, 100);
  expect(log.isKept(99)).toBe(true);
  expect(log.isKept(80)).toBe(true);
  expect(log.isKept(78)).toBe(false);
  expect(log.after(97, 10).map(({ id }) => id)).toEqual([98, 99, 100]);
});

it('keeps as many bytes as it should and a few more, over a restart too', async () => {
  const log = new ChangeLog(disk, { bytes: 40_000 });
  await appendEach(log, 1, 60, new Uint8Array(1000));
  const kept = 60 - firstKept(log);
  expect(kept).toBeGreaterThanOrEqual(30);
  expect(kept).toBeLessThanOrEqual(40);
  const again = new ChangeLog(disk, { bytes: 40_000 });
  await appendEach(again, 61, 100, new Uint8Array(1000));
  expect(100 - firstKept(again)).toBeGreaterThanOrEqual(30);
  expect(100 - firstKept(again)).toBeLessThanOrEqual(40);
});

it('lets go of what is too old, but never of the last', async () => {
  const log = new ChangeLog(disk, { ageMs: 10_000 });
  await appendEach(log, 1, 30);
  const expire = async (now: number) => {
    const overlay = new Overlay(disk);
    log.expire(overlay, now);
    await disk.commit(overlay.writes);
  };
  await expire(35_000);
  expect(firstKept(log)).toBe(25);
  await expire(1_000_000);
  expect(firstKept(log)).toBe(30);
  expect(new ChangeLog(disk).lastTime()?.t).toBe(30);
});

it('makes no commit pay for all that must go', async () => {
  await append(new ChangeLog(disk), ...Array.from({ length: 1200 }, (_, at) => toChange(at + 1)));
  const log = new ChangeLog(disk, { changes: 10 });
  expect(await append(log, toChange(1201))).toBeLessThan(600);
  for (let id = 1202; id <= 1205; id += 1) await append(log, toChange(id));
  expect(1205 - firstKept(log)).toBeLessThan(12);
});

it('goes on counting where it was when opened again', async () => {
  const log = new ChangeLog(disk, { changes: 20 });
  await appendEach(log, 1, 50);
  const again = new ChangeLog(disk, { changes: 20 });
  expect(again.durable).toBe(50);
  expect(again.lastTime()?.t).toBe(50);
  await append(again, toChange(51));
  expect(again.after(49, 10).map(({ sequence }) => sequence)).toEqual([50, 51]);
});

it('finds the change at or after a time', async () => {
  const log = new ChangeLog(disk);
  for (let id = 1; id <= 30; id += 1) await append(log, toChange(id * 10));
  expect(log.before(new Timestamp({ t: 45, i: 0 }))).toBe(4);
  expect(log.before(new Timestamp({ t: 0, i: 0 }))).toBe(0);
  expect(log.before(new Timestamp({ t: 999, i: 0 }))).toBe(30);
});

it('says when changes from a time on are gone', async () => {
  const log = new ChangeLog(disk, { changes: 10 });
  await appendEach(log, 1, 40);
  const first = firstKept(log);
  expect(log.before(new Timestamp({ t: first - 1, i: 0 }))).toBeNull();
  expect(log.before(new Timestamp({ t: first + 1, i: 0 }))).toBe(first);
});

it('keeps what a change tells of its document and collection', async () => {
  const log = new ChangeLog(disk);
  const change: Change = {
    ...toChange(1, new Uint8Array([1, 2])),
    operation: 'update',
    before: new Uint8Array([3]),
    uuid: new Uint8Array(16).fill(7),
    description: { updatedFields: { 'a.b': 1 }, removedFields: ['c'], truncatedArrays: [{ field: 'd', newSize: 2 }] },
  };
  await append(log, change);
  const [{ bytes, before, uuid, ...rest } = expect.fail()] = log.after(0, 1);
  expect([bytes, before, uuid].map((it) => [...(it ?? [])])).toEqual([[1, 2], [3], Array(16).fill(7)]);
  expect(rest).toMatchObject({ sequence: 1, description: change.description, operation: 'update', id: 1 });
});

it('wakes who waits when a change is on disk, or when told to', async () => {
  const log = new ChangeLog(disk);
  const waiting = log.wait(10_000);
  await append(log, toChange(1));
  await waiting;
  expect(log.after(0, 1)).toHaveLength(1);
  const killed = new AbortController();
  const other = log.wait(10_000, killed.signal);
  killed.abort();
  await other;
});
