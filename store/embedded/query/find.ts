import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { Reader } from '../disk/reader.ts';
import type { Document } from '../value/codec.ts';
import { type Counting, countKeys } from './count-keys.ts';
import { compileFilter } from './filter.ts';
import { fieldsOfFilter } from './filter-fields.ts';
import { sorted } from './memory-sort.ts';
import { type Plan, planQuery, type SortSpec } from './plan.ts';
import { PAUSE, type Scan, type ScanStats, scan } from './scan.ts';

/** A query over one collection. */
export interface FindOptions {
  readonly filter: Document;
  readonly sort?: SortSpec;
  readonly skip?: number;
  /** 0 means all. */
  readonly limit?: number;
  readonly hint?: unknown;
  readonly variables?: Document;
}

/** A query ready to be read, with the plan and the counters `explain` shows. */
export interface Found {
  readonly plan: Plan;
  readonly stats: ScanStats;
  readonly documents: Scan;
  /** Counts the documents, by keys alone where every key of the plan is a match. Instead of reading `documents`. */
  count(): Counting;
}

function* cut(source: Scan, skip: number, limit: number): Scan {
  let passed = 0;
  for (const stored of source) {
    if (stored === PAUSE) {
      yield PAUSE;
      continue;
    }
    passed += 1;
    if (passed <= skip) continue;
    yield stored;
    if (limit > 0 && passed >= skip + limit) return;
  }
}

function* countOneByOne(documents: Scan): Counting {
  let count = 0;
  for (const stored of documents)
    if (stored === PAUSE) yield PAUSE;
    else count += 1;
  return count;
}

function* countCut(all: Counting, skip: number, limit: number): Counting {
  const left = Math.max(0, (yield* all) - skip);
  return limit > 0 ? Math.min(left, limit) : left;
}

/** Plans a query and opens its result; nothing is read before the first document is asked for. */
export function find(reader: Reader, collection: CollectionDefinition, options: FindOptions): Found {
  const { filter, sort = [], skip = 0, limit = 0, hint, variables } = options;
  const plan = planQuery(collection, filter, sort, hint);
  const stats = { keysExamined: 0, docsExamined: 0 };
  const hasFilter = Object.keys(filter).length > 0;
  const matches = hasFilter ? compileFilter(filter, variables) : null;
  const picker = hasFilter ? fieldsOfFilter(filter) : null;
  const keep = limit > 0 ? skip + limit : Number.POSITIVE_INFINITY;
  const wanted = { matches, picker, expected: plan.ordered && limit > 0 ? keep : 0 };
  const found = scan(reader, collection, plan, wanted, stats);
  const ordered = plan.ordered ? found : sorted(found, sort, keep);
  const documents = skip > 0 || limit > 0 ? cut(ordered, skip, limit) : ordered;
  const count = () => (plan.exact ? countCut(countKeys(reader, plan, stats), skip, limit) : countOneByOne(documents));
  return { plan, stats, documents, count };
}
