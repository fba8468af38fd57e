import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DiskFile } from '../../../../store/embedded/disk/disk-file.ts';
import { Overlay } from '../../../../store/embedded/disk/overlay.ts';
import { seal, unseal } from '../../../../store/embedded/disk/seal.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-seal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const CORRUPT = expect.objectContaining({ code: 'DATA_CORRUPT' });
const [key, value] = [Buffer.from('key'), Buffer.from('a value')];

it('opens what it sealed, under the same key', () => {
  expect(Buffer.from(unseal(key, seal(key, value)))).toEqual(value);
  expect(unseal(key, seal(key, Buffer.alloc(0)))).toHaveLength(0);
});

it('refuses every change of a byte, another key, and what is too short', () => {
  const sealed = seal(key, value);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] as number) ^ 1;
    expect(() => unseal(key, changed)).toThrow(CORRUPT);
  }
  expect(() => unseal(Buffer.from('kez'), sealed)).toThrow(CORRUPT);
  expect(() => unseal(key, sealed.subarray(0, 3))).toThrow(CORRUPT);
});

async function putAll(file: string, text: string): Promise<DiskFile> {
  const disk = new DiskFile(file);
  const overlay = new Overlay(disk);
  overlay.put('\0\0\0\x09a', Buffer.from(text));
  overlay.put('\0\0\0\x09b', Buffer.from('sound'));
  await disk.commit(overlay.writes);
  return disk;
}

it('answers an error for a record that was damaged under it, and goes on with the others', async () => {
  const file = join(folder, 'data.mdb');
  const disk = await putAll(file, 'the text of the record');
  const at = readFileSync(file).lastIndexOf('the text');
  const handle = openSync(file, 'r+');
  writeSync(handle, 'THE TEXT', at);
  closeSync(handle);
  expect(() => disk.get('\0\0\0\x09a')).toThrow(CORRUPT);
  expect(() => disk.range({ start: '\0\0\0\x09', end: '\0\0\0\x0a' }, 10)).toThrow(CORRUPT);
  expect(Buffer.from(disk.get('\0\0\0\x09b') as Uint8Array).toString()).toBe('sound');
  await disk.close();
});

it('reads and writes a file made before there were seals', async () => {
  const file = join(folder, 'old.mdb');
  const old = open<Buffer, Buffer>({
    path: file,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
  });
  await old.put(Buffer.from('\0\0\0\x09old', 'latin1'), Buffer.from('as it was'));
  await old.close();
  const disk = await putAll(file, 'new');
  const read = (name: string) => Buffer.from(disk.get(`\0\0\0\x09${name}`) as Uint8Array).toString();
  expect([read('old'), read('a')]).toEqual(['as it was', 'new']);
  await disk.close();
});
