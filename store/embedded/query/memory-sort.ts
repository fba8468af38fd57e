import { ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { MongoError } from '../mongo-error.ts';
import { fieldsOfSort } from './filter-fields.ts';
import { merge } from './merge.ts';
import type { SortSpec } from './plan.ts';
import { PAUSE, type Scan } from './scan.ts';
import { sortKey } from './sort.ts';
import { endOfSlice } from './turns.ts';

/** Bytes of documents and keys a sort may hold, as MongoDB's. https://www.mongodb.com/docs/manual/reference/limits/ */
export const MAX_SORT_BYTES = 100 * 1024 * 1024;
/** What an item takes beside its bytes and its key. */
const ITEM_BYTES = 200;

/** Items sorted in one go, in about a millisecond. */
const RUN = 1024;
/** When no more than so many are wanted, those that cannot be among them are dropped on the way. */
const MOST_KEPT = 4096;

interface Keyed {
  readonly key: string;
  readonly item: StoredDocument;
}

const byKey = (left: Keyed, right: Keyed) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

function sizeOf({ key, item }: Keyed): number {
  return key.length + item.recordKey.length + item.bytes.length + ITEM_BYTES;
}

/** Sorted runs of what a sort holds. */
class Runs {
  readonly #keep: number;
  readonly #maxBytes: number;
  readonly #runs: Keyed[][] = [];
  #current: Keyed[] = [];
  #bytes = 0;

  constructor(keep: number, maxBytes: number) {
    this.#keep = keep;
    this.#maxBytes = maxBytes;
  }

  add(keyed: Keyed): void {
    this.#current.push(keyed);
    this.#bytes += sizeOf(keyed);
    const isFull = this.#current.length >= Math.max(RUN, this.#keep <= MOST_KEPT ? this.#keep * 2 : 0);
    if (isFull || this.#bytes > this.#maxBytes) this.#closeRun();
    if (this.#bytes > this.#maxBytes)
      throw new MongoError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${this.#maxBytes} bytes; the embedded store does not sort on disk, so an index must serve it`,
      );
  }

  #closeRun(): void {
    this.#current.sort(byKey);
    if (this.#keep <= MOST_KEPT) {
      for (const dropped of this.#current.splice(this.#keep)) this.#bytes -= sizeOf(dropped);
      return;
    }
    this.#runs.push(this.#current);
    this.#current = [];
  }

  /** All of it in order. */
  sorted(): Generator<StoredDocument, void, void> {
    this.#current.sort(byKey);
    const sources = [...this.#runs, this.#current].map((run) => {
      let at = 0;
      return {
        next() {
          at += 1;
          return run[at - 1] ?? null;
        },
      };
    });
    return merge(sources, false);
  }
}

/**
 * Sorts a scan; with `keep` only that many of the first are held. Documents are held as bytes.
 * `maxBytes`: MongoError QueryExceededMemoryLimitNoDiskUseAllowed beyond it.
 */
export function* sorted(source: Scan, sort: SortSpec, keep: number, maxBytes = MAX_SORT_BYTES): Scan {
  const picker = fieldsOfSort(sort);
  const runs = new Runs(keep, maxBytes);
  for (const stored of source) {
    if (stored === PAUSE) {
      yield PAUSE;
      continue;
    }
    const item = new ReadDocument(stored.recordKey, stored.bytes);
    runs.add({ key: sortKey(item.look(picker), sort), item });
  }
  let deadline = endOfSlice();
  for (const stored of runs.sorted()) {
    yield stored;
    if (performance.now() < deadline) continue;
    yield PAUSE;
    deadline = endOfSlice();
  }
}
