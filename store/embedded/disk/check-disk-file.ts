import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../../../lib/errors.ts';
import { isTreeSound, type TreeRules } from './check-tree.ts';
import { SEALED_MARK } from './seal.ts';

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
/** Milliseconds that a look at the file may take: all of a gigabyte that the kernel has at hand, the first part of a larger one. */
const CHECK_MS = 2000;
const NO_PAGE = 0xffffffffffffffffn;

interface Meta {
  readonly pageSize: number;
  readonly free: bigint;
  readonly main: bigint;
  readonly transaction: bigint;
  readonly lastPage: bigint;
}

function readMeta(file: number, at: number): Meta | null {
  const page = Buffer.alloc(160);
  if (readSync(file, page, 0, 160, at) < 160) return null;
  if (page.readUInt32LE(META.magic) !== MAGIC || page.readUInt32LE(META.version) !== 2) return null;
  return {
    pageSize: page.readUInt32LE(META.pageSize),
    free: page.readBigUInt64LE(META.freeRoot),
    main: page.readBigUInt64LE(META.mainRoot),
    transaction: page.readBigUInt64LE(META.transaction),
    lastPage: page.readBigUInt64LE(META.lastPage),
  };
}

function isSound(file: number, size: number): boolean {
  const first = readMeta(file, 0);
  const pageSize = first?.pageSize ?? 4096;
  if (pageSize < 512 || pageSize > 65_536) return false;
  const second = readMeta(file, pageSize);
  const metas = [first, second].filter((meta) => meta !== null);
  // lmdb keeps the last two states and begins from the newer one.
  const newest = metas.sort((left, right) => Number(right.transaction - left.transaction))[0];
  if (!newest || metas.length < 2) return false;
  // A file shorter than lmdb once used may still be whole, but then all of it must be looked at.
  const isShort = (Number(newest.lastPage) + 1) * newest.pageSize > size;
  const tree = { descriptor: file, pageSize: newest.pageSize, size, transaction: newest.transaction };
  const deadline = isShort ? Number.POSITIVE_INFINITY : performance.now() + CHECK_MS;
  const isRootSound = (root: bigint, rules: Omit<TreeRules, 'deadline'>) =>
    root === NO_PAGE || isTreeSound(tree, Number(root), { ...rules, deadline });
  return (
    isRootSound(newest.free, { isOrdered: false, sealedMark: null }) &&
    isRootSound(newest.main, { isOrdered: true, sealedMark: Buffer.from(SEALED_MARK, 'latin1') })
  );
}

/**
 * Looks at a data file before native code maps it, since that would end the process on a broken one.
 * Absent or empty is fine. AppError DATA_CORRUPT says what to do.
 */
export function checkDiskFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0 || isSound(file, size)) return;
  } finally {
    closeSync(file);
  }
  throw new AppError(
    'DATA_CORRUPT',
    'The store’s data file (store/data.mdb in the data folder) is damaged. Stop, move the file away, and restore it from a backup; without one, a new start begins empty.',
    { extensions: { file: 'store/data.mdb' } },
  );
}
