import { readSync } from 'node:fs';
import type { TreeFacts } from './meta-page.ts';
import { type PageNode, readNodes } from './page-nodes.ts';
import { isSealed } from './seal.ts';

/** Layout of lmdb's pages (data format 2, 64-bit): a header, then the nodes. */
const HEADER = { size: 24, transaction: 8, flags: 18, overflowPages: 20 };
const FLAG = { branch: 1, leaf: 2, overflow: 4 };

/** A data file to look into. */
export interface TreeFile {
  readonly descriptor: number;
  readonly pageSize: number;
  /** Bytes in the file. */
  readonly size: number;
  /** The transaction the tree is of: none of its pages can be newer. */
  readonly transaction: bigint;
}

/** What is known of a tree beside its root. */
export interface TreeRules {
  /** Whether keys are in bytewise order; lmdb's own list of free pages has numbers for keys. */
  readonly isOrdered: boolean;
  /** The first key of a tree whose values are sealed. */
  readonly sealedMark: Buffer | null;
  /** When to stop looking, by `performance.now()`. */
  readonly deadline: number;
}

/** One page a tree refers to, with the keys between which its own must lie. */
interface Reference {
  readonly page: number;
  /** Pages above it, itself counted. */
  readonly level: number;
  readonly from: Buffer | null;
  readonly to: Buffer | null;
}

function compare(left: Buffer, right: Buffer | null): number {
  return right === null ? 0 : Buffer.compare(left, right);
}

/** Whether the keys of a page rise, and lie where the page above says. The first key of a branch is empty: it stands for all below. */
function areInOrder(nodes: readonly PageNode[], isLeaf: boolean, { from, to }: Reference): boolean {
  return nodes.every(({ key }, at) => {
    if (at === 0 && !isLeaf) return true;
    const before = at > (isLeaf ? 0 : 1) ? (nodes[at - 1] as PageNode).key : null;
    if (before && Buffer.compare(before, key) >= 0) return false;
    return (from === null || compare(key, from) >= 0) && (to === null || compare(key, to) < 0);
  });
}

/** A walk over one tree. */
class Walk {
  readonly #file: TreeFile;
  readonly #rules: TreeRules;
  readonly #page: Buffer;
  readonly #waiting: Reference[];
  readonly #facts: TreeFacts;
  #entries = 0;
  #hasSeals: boolean | null = null;

  constructor(file: TreeFile, facts: TreeFacts, rules: TreeRules) {
    this.#file = file;
    this.#facts = facts;
    this.#rules = rules;
    this.#page = Buffer.alloc(file.pageSize);
    this.#waiting = facts.root === null ? [] : [{ page: facts.root, level: 1, from: null, to: null }];
  }

  isSound(): boolean {
    for (let left = 0; ; left += 1) {
      const reference = this.#waiting.pop();
      if (!reference) return this.#entries === this.#facts.entries;
      if (left % 64 === 63 && performance.now() > this.#rules.deadline) return true;
      if (!this.#isPageSound(reference)) return false;
    }
  }

  #read(page: number, into: Buffer): boolean {
    const at = page * this.#file.pageSize;
    if (at + into.length > this.#file.size) return false;
    return readSync(this.#file.descriptor, into, 0, into.length, at) === into.length;
  }

  #isPageSound(reference: Reference): boolean {
    const page = this.#page;
    if (!this.#read(reference.page, page) || !this.#isItself(page, reference.page)) return false;
    const flags = page.readUInt16LE(HEADER.flags);
    const isLeaf = (flags & FLAG.leaf) !== 0;
    if (isLeaf === ((flags & FLAG.branch) !== 0) || isLeaf !== (reference.level === this.#facts.depth)) return false;
    const nodes = readNodes(page, isLeaf);
    if (!nodes || (this.#rules.isOrdered && !areInOrder(nodes, isLeaf, reference))) return false;
    if (!isLeaf) return this.#descend(nodes, reference);
    this.#entries += nodes.length;
    return nodes.every((node) => this.#isValueSound(node));
  }

  #isItself(page: Buffer, number: number): boolean {
    return (
      Number(page.readBigUInt64LE(0)) === number && page.readBigUInt64LE(HEADER.transaction) <= this.#file.transaction
    );
  }

  /** The leftmost page is looked at next, so that the first key of all comes first. */
  #descend(nodes: readonly PageNode[], { level, from, to }: Reference): boolean {
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const { key, child } = nodes[at] as PageNode;
      const next = nodes[at + 1];
      const bounds = { from: at > 0 ? Buffer.from(key) : from, to: next ? Buffer.from(next.key) : to };
      this.#waiting.push({ page: child, level: level + 1, ...bounds });
    }
    return nodes.length > 0;
  }

  #isValueSound(node: PageNode): boolean {
    const value = node.overflow === null ? node.value : this.#overflowing(node.overflow, node.size);
    if (!value) return false;
    this.#hasSeals ??= this.#rules.sealedMark !== null && node.key.equals(this.#rules.sealedMark);
    return !this.#hasSeals || isSealed(node.key, value);
  }

  /** A value that has pages of its own. */
  #overflowing(page: number, size: number): Buffer | null {
    const bytes = Buffer.alloc(HEADER.size + size);
    if (!this.#read(page, bytes) || !this.#isItself(bytes, page)) return null;
    if ((bytes.readUInt16LE(HEADER.flags) & FLAG.overflow) === 0) return null;
    const pages = bytes.readUInt32LE(HEADER.overflowPages);
    if (pages !== Math.ceil(bytes.length / this.#file.pageSize)) return null;
    return bytes.subarray(HEADER.size);
  }
}

/**
 * Follows a tree from its root until the deadline: each page must be in the file, be itself, be no newer than the tree, hold
 * its nodes and have its keys in order; each sealed value must be what was written; in the end there must be as many entries
 * as its meta page says.
 */
export function isTreeSound(file: TreeFile, facts: TreeFacts, rules: TreeRules): boolean {
  return new Walk(file, facts, rules).isSound();
}
