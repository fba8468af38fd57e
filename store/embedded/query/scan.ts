import type { CollectionDefinition } from '../catalog/definitions.ts';
import { ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { recordKeyOf } from '../collection/index-entries.ts';
import type { FieldPicker } from '../collection/pick-fields.ts';
import type { Entry, Reader } from '../disk/reader.ts';
import { STORE_ID_LENGTH } from '../disk/write-set.ts';
import { merge } from './merge.ts';
import type { Predicate } from './operators.ts';
import type { Plan } from './plan.ts';
import { RangeReader } from './range-reader.ts';
import { endOfSlice } from './turns.ts';

export { nextTurn } from './turns.ts';

/** Yielded in between: the slice of time is used up, let other commands run. */
export const PAUSE = Symbol('pause');

/** What a scan gives: matches, with pauses between. */
export type Scan = Generator<StoredDocument | typeof PAUSE, void, void>;

/** How much a scan has looked at. */
export interface ScanStats {
  keysExamined: number;
  docsExamined: number;
}

/** Which documents are wanted. */
export interface Wanted {
  /** Null: all candidates. */
  readonly matches: Predicate | null;
  /** The fields that `matches` looks at; null when it may look at any. */
  readonly picker: FieldPicker | null;
  /** Documents that are probably read; 0 when nobody knows. */
  readonly expected: number;
}

interface Found {
  readonly entry: Entry;
  readonly from: RangeReader;
}

const FIRST_CHUNK = 32;
const MOST_EXPECTED = 256;

function* inTurn(readers: readonly RangeReader[]): Generator<Found, void, void> {
  for (const from of readers) for (let entry = from.next(); entry; entry = from.next()) yield { entry, from };
}

function mergeRanges(readers: readonly RangeReader[], reverse: boolean): Generator<Found, void, void> {
  const sources = readers.map((from) => ({
    next() {
      const entry = from.next();
      return entry && { key: entry[0].slice(from.prefix), item: { entry, from } };
    },
  }));
  return merge(sources, reverse);
}

/** The entries of a plan without branches, in its order. */
function entriesOf(reader: Reader, { ranges, merged, reverse }: Plan, expected: number): Generator<Found, void, void> {
  const wanted = expected > 0 ? Math.min(expected + 1, MOST_EXPECTED) : FIRST_CHUNK;
  const firstChunk = merged ? Math.max(4, Math.ceil((wanted * 2) / ranges.length)) : wanted;
  const readers = ranges.map((range) => new RangeReader(reader, range, reverse, firstChunk));
  return merged ? mergeRanges(readers, reverse) : inTurn(reverse ? readers.reverse() : readers);
}

function load(reader: Reader, collection: CollectionDefinition, plan: Plan, entry: Entry): ReadDocument | null {
  const recordKey = plan.index ? recordKeyOf(plan.index, entry) : entry[0].slice(STORE_ID_LENGTH);
  const bytes = plan.index ? reader.get(collection.id + recordKey) : entry[1];
  return bytes ? new ReadDocument(recordKey, bytes) : null;
}

/** Which records were given already, where one may be met twice. */
class Seen {
  readonly #keys = new Set<string>();

  isNew(recordKey: string): boolean {
    const before = this.#keys.size;
    return this.#keys.add(recordKey).size > before;
  }
}

/** One scan on its way. */
class Scanner {
  readonly #reader: Reader;
  readonly #collection: CollectionDefinition;
  readonly #wanted: Wanted;
  readonly #stats: ScanStats;
  readonly #seen: Seen | null;
  #deadline = endOfSlice();

  constructor(reader: Reader, collection: CollectionDefinition, wanted: Wanted, stats: ScanStats, meetsTwice: boolean) {
    this.#reader = reader;
    this.#collection = collection;
    this.#wanted = wanted;
    this.#stats = stats;
    this.#seen = meetsTwice ? new Seen() : null;
  }

  *run(plan: Plan): Scan {
    for (const found of entriesOf(this.#reader, plan, this.#wanted.expected)) {
      if (performance.now() > this.#deadline) {
        yield PAUSE;
        this.#deadline = endOfSlice();
      }
      const stored = this.#match(plan, found);
      if (stored) yield stored;
    }
  }

  #match(plan: Plan, { entry, from }: Found): StoredDocument | null {
    this.#stats.keysExamined += 1;
    const stored = load(this.#reader, this.#collection, plan, entry);
    if (!stored || this.#seen?.isNew(stored.recordKey) === false) return null;
    this.#stats.docsExamined += 1;
    const { matches, picker } = this.#wanted;
    // What lies within exact bounds matches, unless it was changed since its entry was read.
    if (!matches || (plan.exact && from.isCurrent)) return stored;
    return matches(stored.look(picker)) ? stored : null;
  }
}

/** Documents that match, in the plan's order. A document changed meanwhile is seen as it is when reached. */
export function* scan(
  reader: Reader,
  collection: CollectionDefinition,
  plan: Plan,
  wanted: Wanted,
  stats: ScanStats,
): Scan {
  const meetsTwice = plan.branches.length > 0 || plan.index?.multikey === true;
  const scanner = new Scanner(reader, collection, wanted, stats, meetsTwice);
  if (plan.branches.length === 0) yield* scanner.run(plan);
  else for (const branch of plan.branches) yield* scanner.run(branch);
}
