import type { CollectionDefinition, IndexDefinition } from '../catalog/definitions.ts';
import { INDEX_FIELDS_LIMIT, RECORD_KEY_LIMIT } from '../collection/record-key.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { successor } from '../value/key.ts';
import { areBoundsExact, type Bounds, boundsOf } from './bounds.ts';
import { covers } from './index-cover.ts';
import { orderOf } from './index-order.ts';
import { type IndexRanges, rangesOf } from './index-ranges.ts';
import type { IndexRange } from './key-ranges.ts';

/** A sort: paths with 1 or -1. */
export type SortSpec = readonly (readonly [path: string, direction: 1 | -1])[];

/** How the candidates of a query are found. */
export interface Plan {
  /** Null: by the collection's own order, which is that of `_id`. */
  readonly index: IndexDefinition | null;
  readonly ranges: readonly IndexRange[];
  /** The ranges are read all at once, in the order of what follows their prefixes. */
  readonly merged: boolean;
  readonly reverse: boolean;
  /** Whether candidates come in the order asked for. */
  readonly ordered: boolean;
  /** Whether every candidate matches, so that the filter need not be applied. */
  readonly exact: boolean;
  /** Plans of which each finds some of the matches; empty unless it takes several to find all of them. */
  readonly branches: readonly Plan[];
}

interface Scored {
  readonly plan: Plan;
  readonly score: number;
}

/** What a query asks of an index. */
interface Query {
  readonly collection: CollectionDefinition;
  readonly filter: Document;
  readonly bounds: Bounds;
  readonly isExact: boolean;
  readonly sort: SortSpec;
}

/** The `_id` index, as if it were one: its entries are the documents. */
function idIndex({ id, longIds }: CollectionDefinition): IndexDefinition {
  return {
    id,
    name: '_id_',
    fields: [['_id', 1]],
    unique: true,
    sparse: false,
    partial: null,
    expireAfterSeconds: null,
    multikey: false,
    truncated: longIds ?? false,
    ready: true,
  };
}

function scoreOf({ unique, fields }: IndexDefinition, { equal, ranged }: IndexRanges, ordered: boolean): number {
  const isPoint = unique && equal === fields.length;
  return (isPoint ? 100 : 0) + equal * 10 + (ranged ? 5 : 0) + (ordered ? 6 : 0);
}

/** A unique index has one entry for a value of all its fields: it is looked up, not searched for. */
function toPoint(range: IndexRange): IndexRange {
  return { ...range, end: `${range.start}\x00` };
}

function consider(index: IndexDefinition, { collection, bounds, isExact, sort }: Query): Scored {
  const isPrimary = index.id === collection.id;
  const found = rangesOf(index, bounds, isPrimary ? RECORD_KEY_LIMIT : INDEX_FIELDS_LIMIT);
  const order = orderOf(index, found, bounds, sort, !collection.longIds);
  const isPoint = index.unique && found.exact && !found.ranged && found.equal === index.fields.length;
  const plan = {
    index: isPrimary ? null : index,
    ranges: isPoint ? found.ranges.map(toPoint) : found.ranges,
    merged: sort.length > 0 && order?.merged === true,
    reverse: sort.length > 0 && order?.reverse === true,
    ordered: sort.length === 0 || order !== null,
    exact: isExact && found.exact && bounds.size === found.equal + (found.ranged ? 1 : 0),
    branches: [],
  };
  return { plan, score: scoreOf(index, found, sort.length > 0 && order !== null) };
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

/** The whole collection in the order of `_id`. */
function whole({ collection, filter, sort }: Query, reverse = false): Plan {
  const range = { start: collection.id, end: successor(collection.id), prefix: collection.id.length };
  const exact = Object.keys(filter).length === 0;
  return { index: null, ranges: [range], merged: false, reverse, ordered: sort.length === 0, exact, branches: [] };
}

function bestOf(query: Query, candidates: readonly IndexDefinition[]): Scored {
  const scored = candidates.map((index) => consider(index, query));
  return scored.reduce((left, right) => (right.score > left.score ? right : left));
}

/** Each alternative of a top-level `$or` by an index of its own, or null when one of them has none. */
function byAlternatives(query: Query, usable: readonly IndexDefinition[]): Plan | null {
  const { $or: alternatives, ...rest } = query.filter;
  if (!Array.isArray(alternatives) || alternatives.length === 0) return null;
  const branches: Plan[] = [];
  for (const alternative of alternatives) {
    if (!isDocument(alternative)) return null;
    const filter = { $and: [alternative, rest] };
    const bounds = boundsOf(filter);
    const candidates = usable.filter((index) => covers(index, filter, bounds));
    const { plan, score } = bestOf({ ...query, filter, bounds, isExact: false, sort: [] }, candidates);
    if (score === 0) return null;
    branches.push(plan);
  }
  const ordered = query.sort.length === 0;
  return { index: null, ranges: [], merged: false, reverse: false, ordered, exact: false, branches };
}

/** Chooses how to find candidates. MongoError BadValue when the hint names no index. */
export function planQuery(collection: CollectionDefinition, filter: Document, sort: SortSpec, hint?: unknown): Plan {
  const bounds = boundsOf(filter);
  const query = { collection, filter, bounds, isExact: areBoundsExact(filter), sort };
  if (isDocument(hint) && '$natural' in hint) return whole(query, hint['$natural'] === -1);
  const all = [idIndex(collection), ...collection.indexes.filter((index) => index.ready)];
  if (hint !== undefined) return bestOf(query, hinted(all, hint)).plan;
  const { plan, score } = bestOf(
    query,
    all.filter((index) => covers(index, filter, bounds)),
  );
  if (score >= 10) return plan;
  return byAlternatives(query, all) ?? (score > 0 ? plan : whole(query));
}
