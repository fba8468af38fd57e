import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../../../lib/errors.ts';
import { isTreeSound, type TreeRules } from './check-tree.ts';
import { newerOf, readMeta, type TreeFacts } from './meta-page.ts';
import { SEALED_MARK } from './seal.ts';

/** Milliseconds that a look at the file may take: all of a gigabyte that the kernel has at hand, the first part of a larger one. */
const CHECK_MS = 2000;
/** Bytes that pages which were allotted, freed and never written may reach beyond the end of the file. */
const MAX_UNWRITTEN = 256 * 1024 * 1024;
/** Where the first page says how large pages are. */
const PAGE_SIZE_AT = 48;

function pageSizeOf(file: number): number | null {
  const bytes = Buffer.alloc(4);
  readSync(file, bytes, 0, 4, PAGE_SIZE_AT);
  const size = bytes.readUInt32LE();
  return size >= 512 && size <= 65_536 ? size : null;
}

function isSound(file: number, size: number): boolean {
  const pageSize = pageSizeOf(file);
  if (pageSize === null) return false;
  const [even, odd] = [readMeta(file, 0, pageSize), readMeta(file, 1, pageSize)];
  const newest = even?.pageSize === pageSize && odd?.pageSize === pageSize ? newerOf(even, odd) : null;
  if (!newest) return false;
  const missing = (Number(newest.lastPage) + 1) * pageSize - size;
  if (missing > MAX_UNWRITTEN) return false;
  // A file shorter than lmdb once used may still be whole, but then all of it must be looked at.
  const deadline = missing > 0 ? Number.POSITIVE_INFINITY : performance.now() + CHECK_MS;
  const tree = { descriptor: file, pageSize, size, transaction: newest.transaction };
  const areSound = (facts: TreeFacts, rules: Omit<TreeRules, 'deadline'>) =>
    isTreeSound(tree, facts, { ...rules, deadline });
  return (
    areSound(newest.free, { isOrdered: false, sealedMark: null }) &&
    areSound(newest.main, { isOrdered: true, sealedMark: Buffer.from(SEALED_MARK, 'latin1') })
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
