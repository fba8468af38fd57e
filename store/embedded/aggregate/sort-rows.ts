import { MongoError } from '../mongo-error.ts';
import { merge } from '../query/merge.ts';
import { sortKey, toSortSpec } from '../query/sort.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { HeldBytes } from './held-documents.ts';
import { CHUNK, type Rows, Slices, type Stage } from './rows.ts';

interface Keyed {
  readonly key: string;
  readonly item: Document;
}

/** Documents sorted in one go, in about a millisecond. */
const RUN = 1024;

const byKey = (left: Keyed, right: Keyed) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);

/** What a sort holds: sorted runs, which are merged at the end; only the first `keep` where that is not many. */
class Held {
  readonly #keep: number;
  readonly #bytes = new HeldBytes('$sort');
  readonly #runs: Keyed[][] = [];
  #current: Keyed[] = [];

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(keyed: Keyed): void {
    this.#bytes.addDocument(keyed.item);
    this.#current.push(keyed);
    if (this.#current.length < Math.max(RUN, this.#keep <= RUN * 4 ? this.#keep * 2 : 0)) return;
    this.#current.sort(byKey);
    if (this.#keep <= RUN * 4) this.#drop();
    else {
      this.#runs.push(this.#current);
      this.#current = [];
    }
  }

  #drop(): void {
    this.#current.length = Math.min(this.#current.length, this.#keep);
    this.#bytes.reset();
    for (const { item } of this.#current) this.#bytes.addDocument(item);
  }

  inOrder(): Generator<Document, void, void> {
    const sources = [...this.#runs, this.#current.sort(byKey)].map((run) => {
      let at = 0;
      return {
        next: () => {
          at += 1;
          return run[at - 1] ?? null;
        },
      };
    });
    return first(merge(sources, false), this.#keep);
  }
}

function* first<Item>(items: Iterable<Item>, count: number): Generator<Item, void, void> {
  let left = count;
  for (const item of items) {
    if (left <= 0) return;
    yield item;
    left -= 1;
  }
}

async function* chunked(documents: Iterable<Document>): Rows {
  const slices = new Slices();
  let chunk: Document[] = [];
  for (const document of documents) {
    chunk.push(document);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
    await slices.next();
  }
  if (chunk.length > 0) yield chunk;
}

/** `$sort`. With `keep` only that many of the first are held, where that is at most some thousands. */
export function sortStage(specification: unknown, keep: number): Stage {
  if (!isDocument(specification) || Object.keys(specification).length === 0)
    throw new MongoError('BadValue', '$sort stage must have at least one sort key');
  const sort = toSortSpec(specification);
  return async function* (rows) {
    const held = new Held(keep);
    for await (const chunk of rows)
      for (const document of chunk) held.add({ key: sortKey(document, sort), item: document });
    yield* chunked(held.inOrder());
  };
}
