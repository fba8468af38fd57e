import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkDiskFile } from '../../../../store/embedded/disk/check-disk-file.ts';
import { DiskFile } from '../../../../store/embedded/disk/disk-file.ts';
import { Overlay } from '../../../../store/embedded/disk/overlay.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-disk-'));
  file = join(folder, 'data.mdb');
  const disk = new DiskFile(file);
  for (let round = 0; round < 5; round += 1) {
    const overlay = new Overlay(disk);
    for (let at = 0; at < 300; at += 1) overlay.put(`\0\0\0\x09${round}-${at}`, Buffer.alloc(200, at));
    await disk.commit(overlay.writes);
  }
  await disk.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Pages that hold what was committed last, by their marks: 300 values of the fifth round. */
function usedPages(bytes: Buffer): number[] {
  const pages: number[] = [];
  for (let page = 2; page * 4096 < bytes.length; page += 1)
    if (bytes.subarray(page * 4096, (page + 1) * 4096).includes('4-2')) pages.push(page);
  return pages;
}
const newest = (bytes: Buffer) => Math.max(bytes.readUInt32LE(152), bytes.readUInt32LE(4096 + 152));
/** Such a page of the last transaction, which nothing after it replaced. */
function livePages(bytes: Buffer): number[] {
  return usedPages(bytes).filter((page) => bytes.readUInt32LE(page * 4096 + 8) >= newest(bytes) - 1);
}
const usedPage = (bytes: Buffer) => livePages(bytes)[0] as number;
const lastUsedPage = (bytes: Buffer) => Math.max(...livePages(bytes));

function damage(change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}

it('accepts a sound file, an empty one and none', () => {
  checkDiskFile(file);
  writeFileSync(join(folder, 'empty.mdb'), '');
  checkDiskFile(join(folder, 'empty.mdb'));
  checkDiskFile(join(folder, 'absent.mdb'));
});

it.each<[string, () => void]>([
  ['something else', () => writeFileSync(file, 'not a database, and longer than one page'.repeat(300))],
  ['zeros', () => damage((bytes) => bytes.fill(0))],
  ['a file whose first page is gone', () => damage((bytes) => bytes.fill(0, 0, 4096))],
  ['noise all over', () => damage((bytes) => bytes.fill('\x9e\x01\x77', 0))],
  ['a file of a few bytes', () => truncateSync(file, 100)],
  ['a file cut to its meta pages', () => truncateSync(file, 8192)],
  ['a file whose pages are overwritten', () => damage((bytes) => bytes.fill(0xee, 8192))],
  [
    'a file with one page overwritten',
    () => damage((bytes) => bytes.fill(0x11, usedPage(bytes) * 4096, (usedPage(bytes) + 1) * 4096)),
  ],
  ['a file with its last used page cut off', () => truncateSync(file, lastUsedPage(readFileSync(file)) * 4096)],
  ['a file cut in the middle', () => truncateSync(file, 12 * 4096)],
])('refuses %s', (_what, spoil) => {
  spoil();
  expect(() => checkDiskFile(file)).toThrow(expect.objectContaining({ code: 'DATA_CORRUPT' }));
});
