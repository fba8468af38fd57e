import type { Document } from 'bson';
import { matches } from './match.ts';
import { compare, isPlain, isSame, type Value } from './values.ts';

/** Stands for an array without elements, which sorts before null. */
const EMPTY = Symbol('empty array');
type Key = Value | typeof EMPTY;

export type Sort = readonly (readonly [path: string, direction: 1 | -1])[];

/** The values by which a document is sorted and indexed under a path. */
export function keysOf(value: Value, path: readonly string[]): Key[] {
  const [part, ...rest] = path;
  if (part === undefined) {
    if (!Array.isArray(value)) return [value ?? null];
    return value.length === 0 ? [EMPTY] : value.map((element) => element ?? null);
  }
  if (Array.isArray(value)) return value.length === 0 ? [null] : value.flatMap((element) => keysOf(element, path));
  return isPlain(value) && Object.hasOwn(value, part) ? keysOf(value[part], rest) : [null];
}

function compareKeys(left: Key, right: Key): number {
  if (left === EMPTY || right === EMPTY)
    return left === right ? 0 : left === EMPTY ? (isLeast(right) ? 1 : -1) : isLeast(left) ? -1 : 1;
  return compare(left, right);
}
const isLeast = (key: Key) => compare(key, null) < 0;

function extreme(document: Document, path: string, direction: 1 | -1): Key {
  const keys = keysOf(document, path.split('.')).sort(compareKeys);
  return direction === 1 ? keys[0] : keys.at(-1);
}

/** Sorted as MongoDB does; an array goes by its least element upwards, by its greatest downwards. */
export function sorted(documents: readonly Document[], sort: Sort): Document[] {
  return [...documents].sort((left, right) => {
    for (const [path, direction] of sort) {
      const by = compareKeys(extreme(left, path, direction), extreme(right, path, direction)) * direction;
      if (by !== 0) return by;
    }
    return 0;
  });
}

/** An index as far as it forbids something. */
export interface UniqueRule {
  readonly path: string;
  readonly sparse?: boolean;
  readonly partial?: Document;
}

function ruled(document: Document, { path, sparse, partial }: UniqueRule): Key[] {
  if (partial && !matches(document, partial)) return [];
  if (sparse && !Object.hasOwn(document, path)) return [];
  return keysOf(document, path.split('.'));
}

/** Whether two documents may not stand beside each other. */
export function collide(left: Document, right: Document, rules: readonly UniqueRule[]): boolean {
  if (isSame(left['_id'], right['_id'])) return true;
  return rules.some((rule) => {
    const others = ruled(right, rule);
    return ruled(left, rule).some((key) => others.some((other) => compareKeys(key, other) === 0));
  });
}
