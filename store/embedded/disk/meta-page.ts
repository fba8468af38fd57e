import { readSync } from 'node:fs';

/** Where lmdb's page header and meta page keep what is checked (data format 2 of lmdb 3.x, 64-bit). */
const META = {
  page: 0,
  flags: 18,
  magic: 24,
  version: 28,
  address: 32,
  mapSize: 40,
  free: 48,
  main: 96,
  lastPage: 144,
  transaction: 152,
};
/** The same for each of its two trees. The first one's `pad` is the size of a page. */
const TREE = { pad: 0, flags: 4, depth: 6, entries: 32, root: 40 };
const [IS_META, MAGIC, VERSION] = [8, 0xbeefc0de, 2];
/** Flags of the tree of free pages: keys are numbers. */
const FREE_FLAGS = 0x4008;
const MAX_DEPTH = 32;
/** More bytes than any file here has. */
const MAX_MAP = 2n ** 46n;
/** Bytes of a meta page that mean something. */
const SIZE = 160;
const NO_PAGE = 0xffffffffffffffffn;

/** What a meta page says of a tree. */
export interface TreeFacts {
  /** Null when the tree is empty. */
  readonly root: number | null;
  readonly depth: number;
  readonly entries: number;
}

/** One of the two states of a file that lmdb keeps. */
export interface Meta {
  readonly pageSize: number;
  readonly free: TreeFacts;
  readonly main: TreeFacts;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

function readTree(page: Buffer, at: number): TreeFacts {
  const root = page.readBigUInt64LE(at + TREE.root);
  return {
    root: root === NO_PAGE ? null : Number(root),
    depth: page.readUInt16LE(at + TREE.depth),
    entries: Number(page.readBigUInt64LE(at + TREE.entries)),
  };
}

function isMeta(page: Buffer, number: number): boolean {
  return (
    page.readBigUInt64LE(META.page) === BigInt(number) &&
    page.readUInt16LE(META.flags) === IS_META &&
    page.readUInt32LE(META.magic) === MAGIC &&
    page.readUInt32LE(META.version) === VERSION &&
    page.readBigUInt64LE(META.address) === 0n &&
    page.readUInt16LE(META.free + TREE.flags) === FREE_FLAGS &&
    page.readUInt16LE(META.main + TREE.flags) === 0
  );
}

function isTreePlausible({ root, depth }: TreeFacts, lastPage: bigint): boolean {
  return root === null ? depth === 0 : depth > 0 && depth <= MAX_DEPTH && root > 1 && BigInt(root) <= lastPage;
}

/** Reads the meta page `number` (0 or 1), or null when what it says cannot be. */
export function readMeta(file: number, number: number, pageSize: number): Meta | null {
  const page = Buffer.alloc(SIZE);
  if (readSync(file, page, 0, SIZE, number * pageSize) < SIZE || !isMeta(page, number)) return null;
  const meta = {
    pageSize: page.readUInt32LE(META.free + TREE.pad),
    free: readTree(page, META.free),
    main: readTree(page, META.main),
    lastPage: page.readBigUInt64LE(META.lastPage),
    transaction: page.readBigUInt64LE(META.transaction),
  };
  const mapSize = page.readBigUInt64LE(META.mapSize);
  const fits = (meta.lastPage + 1n) * BigInt(meta.pageSize) <= mapSize && mapSize <= MAX_MAP;
  return fits && isTreePlausible(meta.free, meta.lastPage) && isTreePlausible(meta.main, meta.lastPage) ? meta : null;
}

/** The newer of two states, or null when they cannot follow each other: transactions write the two pages in turn. */
export function newerOf(even: Meta, odd: Meta): Meta | null {
  if (even.transaction === 0n && odd.transaction === 0n) return even;
  const isInTurn = even.transaction % 2n === 0n && odd.transaction % 2n === 1n;
  const apart = even.transaction - odd.transaction;
  if (!isInTurn || (apart !== 1n && apart !== -1n)) return null;
  return apart === 1n ? even : odd;
}
