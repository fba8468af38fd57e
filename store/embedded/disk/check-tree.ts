import { readSync } from 'node:fs';

/** Layout of lmdb's pages (data format 2, 64-bit): header, then places of the nodes counted from the header's end. */
const HEADER = { size: 24, flags: 18, lower: 20, overflowPages: 20 };
const FLAG = { branch: 1, leaf: 2, overflow: 4 };
const NODE = { flags: 4, keySize: 6, key: 8 };
const BIG_DATA = 1;

/** A data file to look into. */
export interface TreeFile {
  readonly descriptor: number;
  readonly pageSize: number;
  /** Bytes in the file. */
  readonly size: number;
}

/** One page a tree refers to. */
interface Reference {
  readonly page: number;
  readonly isOverflow: boolean;
}

function referenceOf(page: Buffer, at: number, isLeaf: boolean): Reference | null {
  const low = page.readUInt32LE(at);
  const flags = page.readUInt16LE(at + NODE.flags);
  if (!isLeaf) return { page: low + flags * 2 ** 32, isOverflow: false };
  if ((flags & BIG_DATA) === 0) return null;
  return { page: Number(page.readBigUInt64LE(at + NODE.key + page.readUInt16LE(at + NODE.keySize))), isOverflow: true };
}

/** The pages a tree page refers to, or null when it cannot be read as one. */
function referencesOf(page: Buffer): Reference[] | null {
  const isLeaf = (page.readUInt16LE(HEADER.flags) & FLAG.leaf) !== 0;
  const count = page.readUInt16LE(HEADER.lower) >> 1;
  const references: Reference[] = [];
  for (let node = 0; node < count; node += 1) {
    const pointer = HEADER.size + node * 2;
    if (pointer + 2 > page.length) return null;
    const at = HEADER.size + page.readUInt16LE(pointer);
    if (at + NODE.key > page.length) return null;
    const reference = referenceOf(page, at, isLeaf);
    if (reference) references.push(reference);
  }
  return references;
}

function isWhole({ pageSize, size }: TreeFile, page: Buffer, { page: number, isOverflow }: Reference): boolean {
  if (Number(page.readBigUInt64LE(0)) !== number) return false;
  const flags = page.readUInt16LE(HEADER.flags);
  if (!isOverflow) return (flags & (FLAG.branch | FLAG.leaf)) !== 0;
  return (flags & FLAG.overflow) !== 0 && (number + page.readUInt32LE(HEADER.overflowPages)) * pageSize <= size;
}

/**
 * Follows a tree from its root, at most `budget` pages: each must be in the file, be itself, and refer only to such pages.
 * Values are not looked at.
 */
export function isTreeSound(file: TreeFile, root: number, budget: number): boolean {
  const waiting: Reference[] = [{ page: root, isOverflow: false }];
  const page = Buffer.alloc(file.pageSize);
  for (let left = budget; left > 0; left -= 1) {
    const reference = waiting.shift();
    if (!reference) return true;
    const at = reference.page * file.pageSize;
    if (at + file.pageSize > file.size || readSync(file.descriptor, page, 0, file.pageSize, at) < file.pageSize)
      return false;
    if (!isWhole(file, page, reference)) return false;
    if (reference.isOverflow) continue;
    const references = referencesOf(page);
    if (!references) return false;
    waiting.push(...references);
  }
  return true;
}
