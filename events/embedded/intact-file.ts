import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AppError } from '../../lib/errors.ts';

/** Where lmdb's two meta pages hold what (`struct MDB_meta` of lmdb-js's lmdb, 64 bit, after a page header of 24 bytes). */
const META = { magicAt: 24, pageSizeAt: 48, lastPageAt: 144, transactionAt: 152, bytes: 160 } as const;
const MAGIC = 0xbeefc0de;

/** Reads every entry of every table; what kills it is a damaged file. */
const PROBE = `
  const { open } = require(process.argv[1]);
  const root = open({ path: process.argv[2], noSubdir: true, readOnly: true, maxDbs: 64 });
  for (const name of [...root.getKeys()]) for (const entry of root.openDB({ name, encoding: 'binary' }).getRange()) entry.value;
`;

/**
 * Looks at an lmdb file before lmdb maps it: a damaged or shortened one would end the whole process by a signal, past
 * any catch. A file that is missing or empty is intact. A file shorter than its last page is read by a child process
 * first, as lmdb may leave unused pages at the end unwritten. AppError DATA_CORRUPT.
 */
export function requireIntactFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const first = readMeta(file, 0);
    const second = first && readMeta(file, first.pageSize);
    const newest = first && second && (first.transaction > second.transaction ? first : second);
    if (!newest || (size < (newest.lastPage + 1) * newest.pageSize && !survivesReading(path)))
      throw new AppError('DATA_CORRUPT', `${path} is damaged. Restore a backup, or move it away.`);
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number): { pageSize: number; lastPage: number; transaction: bigint } | null {
  const bytes = Buffer.alloc(META.bytes);
  if (readSync(file, bytes, 0, META.bytes, at) < META.bytes || bytes.readUInt32LE(META.magicAt) !== MAGIC) return null;
  const pageSize = bytes.readUInt32LE(META.pageSizeAt);
  const lastPage = Number(bytes.readBigUInt64LE(META.lastPageAt));
  return pageSize >= 512 && pageSize <= 65_536
    ? { pageSize, lastPage, transaction: bytes.readBigUInt64LE(META.transactionAt) }
    : null;
}

function survivesReading(path: string): boolean {
  const lmdb = createRequire(import.meta.url).resolve('lmdb');
  return spawnSync(process.execPath, ['-e', PROBE, lmdb, path], { stdio: 'ignore', timeout: 60_000 }).status === 0;
}
