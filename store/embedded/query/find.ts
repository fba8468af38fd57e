import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { Reader } from '../disk/reader.ts';
import type { Document } from '../value/codec.ts';
import { compileFilter } from './filter.ts';
import { type Plan, planQuery, type SortSpec } from './plan.ts';
import { PAUSE, type Scan, type ScanStats, scan } from './scan.ts';
import { sorted } from './sort.ts';

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

/** Plans a query and opens its result; nothing is read before the first document is asked for. */
export function find(reader: Reader, collection: CollectionDefinition, options: FindOptions): Found {
  const { filter, sort = [], skip = 0, limit = 0, hint, variables } = options;
  const plan = planQuery(collection, filter, sort, hint);
  const stats = { keysExamined: 0, docsExamined: 0 };
  const test = Object.keys(filter).length === 0 ? null : compileFilter(filter, variables);
  const matches = scan(reader, collection, plan, test, stats);
  const keep = limit > 0 ? skip + limit : Number.POSITIVE_INFINITY;
  const ordered = plan.ordered ? matches : sorted(matches, sort, keep);
  const documents = skip > 0 || limit > 0 ? cut(ordered, skip, limit) : ordered;
  return { plan, stats, documents };
}
