import { Kind, type SelectionSetNode } from 'graphql';
import type { PlannedFetch, Requires, Rewrites } from '../planned-fetch.ts';

/** Response names that a fetch sets, as a tree; below a leaf there is nothing. */
export interface WriteTree {
  readonly children: Map<string, WriteTree>;
}

const TYPE_CONDITION = '... on ';

/**
 * What a fetch sets on each object at its path, whatever the objects' types are: fragments on all types count, and keys
 * count under their old and their new name when they are renamed on the way.
 */
export function writesOf(fetch: PlannedFetch): WriteTree {
  const tree = newTree();
  addSelection(tree, fetch.selection, fetch.fragments);
  for (const rewrite of fetch.outputRewrites) addRewrite(tree, rewrite);
  return tree;
}

function newTree(): WriteTree {
  return { children: new Map() };
}

function childOf(tree: WriteTree, key: string): WriteTree {
  const known = tree.children.get(key);
  if (known) return known;
  const child = newTree();
  tree.children.set(key, child);
  return child;
}

function addSelection(tree: WriteTree, set: SelectionSetNode, fragments: PlannedFetch['fragments']): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const child = childOf(tree, node.alias?.value ?? node.name.value);
      if (node.selectionSet) addSelection(child, node.selectionSet, fragments);
      continue;
    }
    const below = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    if (below) addSelection(tree, below.selectionSet, fragments);
  }
}

function addRewrite(tree: WriteTree, rewrite: Rewrites[number]): void {
  const keys = rewrite.path.filter((part) => !part.startsWith(TYPE_CONDITION));
  const renamed = keys.at(-1);
  if (renamed === undefined) return;
  const parent = keys.slice(0, -1).reduce(childOf, tree);
  const before = childOf(parent, renamed);
  if (rewrite.kind === 'KeyRenamer') mergeTree(childOf(parent, rewrite.renameKeyTo), before);
}

function mergeTree(target: WriteTree, source: WriteTree): void {
  for (const [key, child] of source.children) mergeTree(childOf(target, key), child);
}

/** Whether a fetch delivers what another reads: the objects it is about, or what represents them. */
export function delivers(writer: PlannedFetch, writes: WriteTree, reader: PlannedFetch): boolean {
  const [from, to] = [keysOf(writer.path), keysOf(reader.path)];
  if (!isAligned(from, to)) return false;
  if (from.length < to.length) return treeAt(writes, to.slice(from.length)) !== null;
  return readsAny(from.slice(to.length).reduce(fieldBelow, reader.requires ?? []), writes);
}

/** Whether two fetches set the same leaf of the same objects, so that their order can be seen. */
export function conflicts(one: PlannedFetch, ofOne: WriteTree, other: PlannedFetch, ofOther: WriteTree): boolean {
  const [from, to] = [keysOf(one.path), keysOf(other.path)];
  if (!isAligned(from, to)) return false;
  return from.length <= to.length
    ? overlaps(treeAt(ofOne, to.slice(from.length)), ofOther)
    : overlaps(ofOne, treeAt(ofOther, from.slice(to.length)));
}

/** Whether a fetch sets something at or below what `key` holds on the objects at `path`. */
export function writesInto(fetch: PlannedFetch, writes: WriteTree, path: PlannedFetch['path'], key: string): boolean {
  const [from, to] = [keysOf(fetch.path), [...keysOf(path), key]];
  if (!isAligned(from, to)) return false;
  return from.length >= to.length || treeAt(writes, to.slice(from.length)) !== null;
}

function readsAny(selections: Requires, tree: WriteTree): boolean {
  if (selections.length === 0) return false;
  return tree.children.has('__typename') || fieldsOf(selections).some(({ key }) => tree.children.has(key));
}

function fieldBelow(selections: Requires, key: string): Requires {
  return fieldsOf(selections).flatMap((field) => (field.key === key ? field.below : []));
}

function fieldsOf(selections: Requires): { key: string; below: Requires }[] {
  return selections.flatMap((selection) =>
    selection.kind === 'Field'
      ? [{ key: selection.alias ?? selection.name, below: selection.selections ?? [] }]
      : fieldsOf(selection.selections),
  );
}

function treeAt(tree: WriteTree, keys: readonly string[]): WriteTree | null {
  let at: WriteTree | undefined = tree;
  for (const key of keys) at = at?.children.get(key);
  return at ?? null;
}

function overlaps(one: WriteTree | null, other: WriteTree | null): boolean {
  if (!one || !other) return false;
  for (const [key, child] of one.children) {
    const counterpart = other.children.get(key);
    if (!counterpart || key === '__typename') continue;
    if (child.children.size === 0 || counterpart.children.size === 0 || overlaps(child, counterpart)) return true;
  }
  return false;
}

/** Whether one of two paths begins with the other. */
function isAligned(one: readonly string[], other: readonly string[]): boolean {
  const shared = Math.min(one.length, other.length);
  for (let depth = 0; depth < shared; depth += 1) if (one[depth] !== other[depth]) return false;
  return true;
}

/** A path without its list marks. */
function keysOf(path: PlannedFetch['path']): string[] {
  return path.filter((part) => part !== '@').map(String);
}
