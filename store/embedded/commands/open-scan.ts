import type { CollectionDefinition } from '../catalog/definitions.ts';
import { MongoError } from '../mongo-error.ts';
import { findCollated } from '../query/collated-find.ts';
import { toCollation } from '../query/collation.ts';
import type { Counting } from '../query/count-keys.ts';
import { type FindOptions, find } from '../query/find.ts';
import { PAUSE, type Scan } from '../query/scan.ts';
import type { CommandRun } from './command-run.ts';

/** What a command's query is: the options, and the collation it names. */
export interface ScanOptions extends FindOptions {
  readonly collation?: unknown;
}

/** Ends a scan that has worked for `limitMs`; what passes while it is not read does not count. MongoError MaxTimeMSExpired. */
function* timed(scan: Scan, limitMs: number): Scan {
  let used = 0;
  for (;;) {
    const before = performance.now();
    const { value, done } = scan.next();
    used += performance.now() - before;
    if (used > limitMs) throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
    if (done || value === undefined) return;
    yield value;
  }
}

/** Milliseconds a command may take, or null. MongoError BadValue. */
function limitOf(run: CommandRun): number | null {
  const limit = run.body['maxTimeMS'];
  if (limit === undefined || limit === null || limit === 0) return null;
  if (typeof limit !== 'number' || limit < 0)
    throw new MongoError('BadValue', 'maxTimeMS must be a number not below 0');
  return limit;
}

/** Opens the query of a command: by its collation where it names one, ended when it takes longer than `maxTimeMS`. */
export function openScan(run: CommandRun, collection: CollectionDefinition, options: ScanOptions): Scan {
  const collation = toCollation(options.collation);
  const scan = collation ? findCollated(run, collection, options, collation) : find(run, collection, options).documents;
  const limit = limitOf(run);
  return limit === null ? scan : timed(scan, limit);
}

function* countOneByOne(scan: Scan): Counting {
  let n = 0;
  for (const stored of scan)
    if (stored === PAUSE) yield PAUSE;
    else n += 1;
  return n;
}

/** Counts what `openScan` would give, by keys alone where an index can tell. */
export function openCount(run: CommandRun, collection: CollectionDefinition, options: ScanOptions): Counting {
  const isPlain = toCollation(options.collation) === null && limitOf(run) === null;
  return isPlain ? find(run, collection, options).count() : countOneByOne(openScan(run, collection, options));
}
