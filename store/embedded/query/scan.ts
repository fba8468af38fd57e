import type { CollectionDefinition } from '../catalog/definitions.ts';
import { ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { recordKeyOf } from '../collection/index-entries.ts';
import type { Entry, KeyRange, Reader } from '../disk/reader.ts';
import { STORE_ID_LENGTH } from '../disk/write-set.ts';
import type { Predicate } from './operators.ts';
import type { Plan } from './plan.ts';

/** Yielded in between: the slice of time is used up, let other commands run. */
export const PAUSE = Symbol('pause');

/** What a scan gives: matches, with pauses between. */
export type Scan = Generator<StoredDocument | typeof PAUSE, void, void>;

/** How much a scan has looked at. */
export interface ScanStats {
  keysExamined: number;
  docsExamined: number;
}

/** Milliseconds a scan may hold the thread. */
const SLICE_MS = 5;
const FIRST_CHUNK = 32;
const MAX_CHUNK = 512;

function* entries(reader: Reader, range: KeyRange, reverse: boolean): Generator<Entry, void, void> {
  let { start, end } = range;
  for (let size = FIRST_CHUNK; ; size = Math.min(size * 4, MAX_CHUNK)) {
    const chunk = reader.range({ start, end }, size, reverse);
    yield* chunk;
    const last = chunk.at(-1);
    if (chunk.length < size || !last) return;
    if (reverse) end = last[0];
    else start = `${last[0]}\x00`;
  }
}

function load(reader: Reader, collection: CollectionDefinition, plan: Plan, entry: Entry): StoredDocument | null {
  const recordKey = plan.index ? recordKeyOf(plan.index, entry) : entry[0].slice(STORE_ID_LENGTH);
  const bytes = plan.index ? reader.get(collection.id + recordKey) : entry[1];
  return bytes ? new ReadDocument(recordKey, bytes) : null;
}

/** Documents that match (all when `matches` is null), in the plan's order. A document changed meanwhile is seen as it is when reached. */
export function* scan(
  reader: Reader,
  collection: CollectionDefinition,
  plan: Plan,
  matches: Predicate | null,
  stats: ScanStats,
): Scan {
  const seen = plan.index?.multikey ? new Set<string>() : null;
  let deadline = performance.now() + SLICE_MS;
  for (const range of plan.ranges)
    for (const entry of entries(reader, range, plan.reverse)) {
      if (performance.now() > deadline) {
        yield PAUSE;
        deadline = performance.now() + SLICE_MS;
      }
      stats.keysExamined += 1;
      const stored = load(reader, collection, plan, entry);
      if (!stored || isSeen(seen, stored.recordKey)) continue;
      stats.docsExamined += 1;
      if (!matches || matches(stored.document)) yield stored;
    }
}

function isSeen(seen: Set<string> | null, recordKey: string): boolean {
  if (!seen) return false;
  if (seen.has(recordKey)) return true;
  seen.add(recordKey);
  return false;
}

/** Lets whatever waits in the thread run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
