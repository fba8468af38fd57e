import { type Document, isDocument } from '../value/codec.ts';
import { narrow, widen } from './bound-algebra.ts';
import { boundsOfCondition, isBoundExact } from './condition-bounds.ts';
import { isOperatorDocument } from './filter.ts';

/** One end of a range, as an encoded value. */
export interface Limit {
  readonly key: string;
  readonly inclusive: boolean;
}

/** What a filter says of one path, as far as an index can use it. Every matching document lies within. */
export interface Bound {
  /** Encoded values, one of which the path has. */
  readonly equals?: readonly string[];
  readonly lower?: Limit;
  readonly upper?: Limit;
}

/** Bounds by path. */
export type Bounds = ReadonlyMap<string, Bound>;

function add(bounds: Map<string, Bound>, path: string, bound: Bound): void {
  bounds.set(path, narrow(bounds.get(path), bound));
}

function addAlternatives(bounds: Map<string, Bound>, branches: readonly Document[]): void {
  const [first, ...others] = branches.map(boundsOf);
  if (!first) return;
  for (const [path, bound] of first) {
    const rest = others.map((other) => other.get(path));
    if (rest.some((it) => it === undefined)) continue;
    const wide = widen([bound, ...(rest as Bound[])]);
    if (wide) add(bounds, path, wide);
  }
}

/** Some element meets all of the inner filter, so each of its paths has such a value. */
function addElement(bounds: Map<string, Bound>, path: string, condition: unknown): void {
  const inner = isOperatorDocument(condition) ? condition['$elemMatch'] : undefined;
  if (!isDocument(inner) || isOperatorDocument(inner)) return;
  for (const [name, bound] of boundsOf(inner)) add(bounds, `${path}.${name}`, bound);
}

function addEntry(bounds: Map<string, Bound>, key: string, condition: unknown): void {
  if (!key.startsWith('$')) {
    for (const bound of boundsOfCondition(condition)) add(bounds, key, bound);
    addElement(bounds, key, condition);
    return;
  }
  if (!Array.isArray(condition)) return;
  const parts = condition.filter(isDocument);
  if (key === '$or') addAlternatives(bounds, parts);
  if (key === '$and') for (const part of parts) for (const [path, bound] of boundsOf(part)) add(bounds, path, bound);
}

/** What the filter says of each path. A path it leaves out may have any value, or the filter says more than an index can use. */
export function boundsOf(filter: Document): Bounds {
  const bounds = new Map<string, Bound>();
  for (const [key, condition] of Object.entries(filter)) addEntry(bounds, key, condition);
  return bounds;
}

/** Whether the bounds of a filter say all that it says, of documents that have no arrays in its paths. */
export function areBoundsExact(filter: Document): boolean {
  return Object.entries(filter).every(([key, condition]) => !key.startsWith('$') && isBoundExact(condition));
}
