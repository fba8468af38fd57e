import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Timestamp } from 'bson';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DiskFile } from '../../../store/embedded/disk/disk-file.ts';
import { Overlay } from '../../../store/embedded/disk/overlay.ts';
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

async function append(log: ChangeLog, id: number): Promise<void> {
  const overlay = new Overlay(disk);
  const facts = { time: new Timestamp({ t: id, i: 1 }), wall: new Date(id) };
  const publish = log.append(overlay, [{ operation: 'insert', namespace: 'test.rows', id }], facts);
  await disk.commit(overlay.writes);
  publish();
}

it('keeps as many changes as it should and a few more', async () => {
  const log = new ChangeLog(disk, { changes: 20 });
  for (let id = 1; id <= 100; id += 1) await append(log, id);
  expect(log.isKept(99)).toBe(true);
  expect(log.isKept(80)).toBe(true);
  expect(log.isKept(78)).toBe(false);
  expect(log.after(97, 10).map(({ id }) => id)).toEqual([98, 99, 100]);
});

it('goes on counting where it was when opened again', async () => {
  const log = new ChangeLog(disk, { changes: 20 });
  for (let id = 1; id <= 50; id += 1) await append(log, id);
  const again = new ChangeLog(disk, { changes: 20 });
  expect(again.durable).toBe(50);
  expect(again.lastTime()?.t).toBe(50);
  await append(again, 51);
  expect(again.after(49, 10).map(({ sequence }) => sequence)).toEqual([50, 51]);
});

it('finds the change at or after a time', async () => {
  const log = new ChangeLog(disk, { changes: 1000 });
  for (let id = 1; id <= 30; id += 1) await append(log, id * 10);
  expect(log.before(new Timestamp({ t: 45, i: 0 }))).toBe(4);
  expect(log.before(new Timestamp({ t: 0, i: 0 }))).toBe(0);
  expect(log.before(new Timestamp({ t: 999, i: 0 }))).toBe(30);
});

it('wakes who waits when a change is on disk', async () => {
  const log = new ChangeLog(disk);
  const waiting = log.wait(10_000);
  await append(log, 1);
  await waiting;
  expect(log.after(0, 1)).toHaveLength(1);
});
