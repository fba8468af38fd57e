/** Where a page keeps its nodes: their places, counted from the header's end, follow the header (lmdb, data format 2, 64-bit). */
const PAGE = { header: 24, lower: 20, upper: 22 };
const NODE = { high: 2, flags: 4, keySize: 6, key: 8 };
const BIG_DATA = 1;

/** One entry of a page of a tree. Key and value are views of the page. */
export interface PageNode {
  readonly key: Buffer;
  /** The page below, in a branch. */
  readonly child: number;
  /** The value, in a leaf that holds it itself. */
  readonly value: Buffer | null;
  /** The first page of a value too large for the leaf. */
  readonly overflow: number | null;
  /** Bytes of the value. */
  readonly size: number;
}

function nodeAt(page: Buffer, at: number, isLeaf: boolean): PageNode | null {
  if (at + NODE.key > page.length) return null;
  const low = page.readUInt16LE(at) + page.readUInt16LE(at + NODE.high) * 0x10000;
  const flags = page.readUInt16LE(at + NODE.flags);
  const valueAt = at + NODE.key + page.readUInt16LE(at + NODE.keySize);
  if (valueAt > page.length) return null;
  const key = page.subarray(at + NODE.key, valueAt);
  if (!isLeaf) return { key, child: low + flags * 2 ** 32, value: null, overflow: null, size: 0 };
  const isBig = (flags & BIG_DATA) !== 0;
  if (flags & ~BIG_DATA || valueAt + (isBig ? 8 : low) > page.length) return null;
  if (isBig) return { key, child: 0, value: null, overflow: Number(page.readBigUInt64LE(valueAt)), size: low };
  return { key, child: 0, value: page.subarray(valueAt, valueAt + low), overflow: null, size: low };
}

/** The nodes of a branch or a leaf, or null when it cannot be read as one. */
export function readNodes(page: Buffer, isLeaf: boolean): PageNode[] | null {
  const lower = page.readUInt16LE(PAGE.lower);
  const upper = page.readUInt16LE(PAGE.upper);
  if (lower % 2 === 1 || lower > upper || PAGE.header + upper > page.length) return null;
  const nodes: PageNode[] = [];
  for (let at = PAGE.header; at < PAGE.header + lower; at += 2) {
    const place = page.readUInt16LE(at);
    const node = place < upper ? null : nodeAt(page, PAGE.header + place, isLeaf);
    if (!node) return null;
    nodes.push(node);
  }
  return nodes;
}
