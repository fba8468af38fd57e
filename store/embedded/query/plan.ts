import type { CollectionDefinition, IndexDefinition } from '../catalog/definitions.ts';
import { RECORD_KEY_LIMIT } from '../collection/record-key.ts';
import type { KeyRange } from '../disk/reader.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { shorten, successor, TAG } from '../value/key.ts';
import { type Bounds, boundsOf } from './bounds.ts';
import { orderedBy } from './index-order.ts';
import { rangesOf } from './index-ranges.ts';

/** A sort: paths with 1 or -1. */
export type SortSpec = readonly (readonly [path: string, direction: 1 | -1])[];

/** How the candidates of a query are found. The filter is applied to all of them. */
export interface Plan {
  /** Null: by the collection's own order, which is that of `_id`. */
  readonly index: IndexDefinition | null;
  readonly ranges: readonly KeyRange[];
  readonly reverse: boolean;
  /** Whether candidates come in the order asked for. */
  readonly ordered: boolean;
}

interface Scored {
  readonly plan: Plan;
  readonly score: number;
}

/** The `_id` index, as if it were one: its entries are the documents. */
function idIndex(collection: CollectionDefinition): IndexDefinition {
  return {
    id: collection.id,
    name: '_id_',
    fields: [['_id', 1]],
    unique: true,
    sparse: false,
    partial: null,
    expireAfterSeconds: null,
    multikey: false,
    ready: true,
  };
}

function coversPartial(index: IndexDefinition, filter: Document): boolean {
  if (!index.partial) return true;
  return Object.entries(index.partial).every(([path, value]) => path in filter && isEqualValue(filter[path], value));
}

/** A sparse index leaves out documents without any of its fields, so some field must be known to be there. */
function coversSparse(index: IndexDefinition, bounds: Bounds): boolean {
  if (!index.sparse) return true;
  return index.fields.some(([path]) => {
    const bound = bounds.get(path);
    return bound !== undefined && !bound.equals?.includes(TAG.null);
  });
}

function scoreOf(index: IndexDefinition, equal: number, ranged: boolean, ordered: boolean, sorting: boolean): number {
  const isPoint = index.unique && equal === index.fields.length;
  return (isPoint ? 100 : 0) + equal * 10 + (ranged ? 5 : 0) + (sorting && ordered ? 6 : 0);
}

function consider(index: IndexDefinition, bounds: Bounds, sort: SortSpec): Scored {
  const { ranges, equal, ranged, single } = rangesOf(index, bounds);
  const order = single && !index.multikey ? orderedBy(index, equal, bounds, sort) : null;
  const plan = { index, ranges, reverse: order === 'reverse', ordered: sort.length === 0 || order !== null };
  return { plan, score: scoreOf(index, equal, ranged, order !== null, sort.length > 0) };
}

/** Point lookups by `_id` shorten long keys as the store does. */
function byId(collection: CollectionDefinition, bounds: Bounds, sort: SortSpec): Plan | null {
  const equals = bounds.get('_id')?.equals;
  if (!equals) return null;
  const ranges = equals.map((key) => {
    const start = collection.id + shorten(key, RECORD_KEY_LIMIT);
    return { start, end: `${start}\x00` };
  });
  return { index: null, ranges, reverse: false, ordered: sort.length === 0 || ranges.length < 2 };
}

function isNamedBy(index: IndexDefinition, hint: unknown): boolean {
  if (typeof hint === 'string') return index.name === hint;
  return isDocument(hint) && isEqualValue(hint, Object.fromEntries(index.fields));
}

function hinted(candidates: readonly IndexDefinition[], hint: unknown): readonly IndexDefinition[] {
  const named = candidates.filter((index) => isNamedBy(index, hint));
  if (named.length === 0) throw new MongoError('BadValue', 'hint provided does not correspond to an existing index');
  return named;
}

function isNatural(hint: unknown): boolean {
  return isDocument(hint) && '$natural' in hint;
}

/** Chooses how to find candidates. MongoError BadValue when the hint names no index. */
export function planQuery(collection: CollectionDefinition, filter: Document, sort: SortSpec, hint?: unknown): Plan {
  const bounds = boundsOf(filter);
  const primary = idIndex(collection);
  const all = [primary, ...collection.indexes.filter((index) => index.ready)];
  if (hint === undefined) {
    const point = byId(collection, bounds, sort);
    if (point) return point;
  }
  const usable = all.filter((index) => coversPartial(index, filter) && coversSparse(index, bounds));
  const candidates = hint === undefined || isNatural(hint) ? usable : hinted(all, hint);
  const scored = candidates.map((index) => consider(index, bounds, sort));
  const best = scored.reduce((left, right) => (right.score > left.score ? right : left));
  if (best.score > 0 || hint !== undefined)
    return best.plan.index === primary ? { ...best.plan, index: null } : best.plan;
  return {
    index: null,
    ranges: [{ start: collection.id, end: successor(collection.id) }],
    reverse: false,
    ordered: sort.length === 0,
  };
}
