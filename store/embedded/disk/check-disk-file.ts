import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../../../lib/errors.ts';

/** Where lmdb's page header and meta page keep what is checked (data format 2 of lmdb 3.x, 64-bit). */
const META = {
  flags: 18,
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  transaction: 152,
};
const MAGIC = 0xbeefc0de;
const NO_PAGE = 0xffffffffffffffffn;

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly transaction: bigint;
}

function readMeta(file: number, at: number): Meta | null {
  const page = Buffer.alloc(160);
  if (readSync(file, page, 0, 160, at) < 160) return null;
  if (page.readUInt32LE(META.magic) !== MAGIC || page.readUInt32LE(META.version) !== 2) return null;
  const roots = [page.readBigUInt64LE(META.freeRoot), page.readBigUInt64LE(META.mainRoot)];
  return {
    pageSize: page.readUInt32LE(META.pageSize),
    roots: roots.filter((root) => root !== NO_PAGE),
    transaction: page.readBigUInt64LE(META.transaction),
  };
}

function isRootPage(file: number, root: bigint, pageSize: number): boolean {
  const header = Buffer.alloc(24);
  const at = root * BigInt(pageSize);
  if (at > BigInt(Number.MAX_SAFE_INTEGER) || readSync(file, header, 0, 24, Number(at)) < 24) return false;
  const isTreePage = (header.readUInt16LE(META.flags) & 3) !== 0;
  return header.readBigUInt64LE(0) === root && isTreePage;
}

function isSound(file: number): boolean {
  const first = readMeta(file, 0);
  const pageSize = first?.pageSize ?? 4096;
  if (pageSize < 512 || pageSize > 65_536) return false;
  const second = readMeta(file, pageSize);
  const metas = [first, second].filter((meta) => meta !== null);
  // lmdb keeps the last two states and begins from the newer one.
  const newest = metas.sort((left, right) => Number(right.transaction - left.transaction))[0];
  if (!newest || metas.length < 2) return false;
  return newest.roots.every((root) => isRootPage(file, root, newest.pageSize));
}

/**
 * Looks at a data file before native code maps it, since that would end the process on a broken one.
 * Absent or empty is fine. AppError DATA_CORRUPT says what to do.
 */
export function checkDiskFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size === 0 || isSound(file)) return;
  } finally {
    closeSync(file);
  }
  throw new AppError(
    'DATA_CORRUPT',
    'The store’s data file (store/data.mdb in the data folder) is damaged. Stop, move the file away, and restore it from a backup; without one, a new start begins empty.',
    { extensions: { file: 'store/data.mdb' } },
  );
}
