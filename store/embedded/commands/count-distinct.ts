import type { StoredDocument } from '../collection/document-writer.ts';
import { MAX_DOCUMENT_SIZE } from '../collection/document-writer.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Collation, stringsIn, toCollation } from '../query/collation.ts';
import type { Counting } from '../query/count-keys.ts';
import { nextTurn, PAUSE, type Scan } from '../query/scan.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { encodeValue } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { openCount, openScan } from './open-scan.ts';

/** What an element takes beside its value in the answer, about. */
const ELEMENT_BYTES = 8;

/** Reads a scan to its end, letting other commands run in between. */
export async function drain(scan: Scan, visit: (stored: StoredDocument) => void): Promise<void> {
  for (const stored of scan)
    if (stored === PAUSE) await nextTurn();
    else visit(stored);
}

/** Runs a count to its end, letting other commands run in between. */
export async function tally(counting: Counting): Promise<number> {
  for (;;) {
    const { value, done } = counting.next();
    if (done) return value;
    await nextTurn();
  }
}

function wholeNumber(body: Document, name: string): number {
  const value = body[name] ?? 0;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new MongoError('TypeMismatch', `BSON field 'count.${name}' is the wrong type`);
  return Math.trunc(value);
}

function queryOf(body: Document): Document {
  const query = body['query'] ?? {};
  if (!isDocument(query)) throw new MongoError('TypeMismatch', "BSON field 'query' is the wrong type, expected object");
  return query;
}

/** `count`. A negative limit counts as its positive. */
export async function count(run: CommandRun): Promise<Reply> {
  const { body } = run;
  const collection = run.engine.collection(run.unit, run.namespace);
  const [limit, skip] = [Math.abs(wholeNumber(body, 'limit')), wholeNumber(body, 'skip')];
  if (skip < 0) throw new MongoError('BadValue', 'Skip value must be non-negative');
  if (!collection) return { document: { n: 0 } };
  const options = { filter: queryOf(body), skip, limit, hint: body['hint'], collation: body['collation'] };
  return { document: { n: await tally(openCount(run, collection, options)) } };
}

/** Values that differ, the first of each kept. */
class DistinctValues {
  readonly #values = new Map<string, unknown>();
  readonly #collator: Collation | null;
  readonly #strings: string[] = [];
  #bytes = 0;

  constructor(collator: Collation | null) {
    this.#collator = collator;
  }

  add(value: unknown): void {
    if (value === undefined || this.#isKnown(value)) return;
    const key = encodeValue(value);
    this.#bytes += key.length + ELEMENT_BYTES;
    if (this.#bytes > MAX_DOCUMENT_SIZE) throw new MongoError('DistinctTooLarge', 'distinct too big, 16mb cap');
    this.#values.set(key, value);
  }

  #isKnown(value: unknown): boolean {
    if (this.#values.has(encodeValue(value))) return true;
    if (!this.#collator) return false;
    if (typeof value !== 'string') {
      if (stringsIn(value).size > 0) throw notSupported('distinct of documents with a collation');
      return false;
    }
    if (this.#strings.some((string) => this.#collator?.compare(string, value) === 0)) return true;
    this.#strings.push(value);
    return false;
  }

  get all(): unknown[] {
    return [...this.#values.values()];
  }
}

/** `distinct`: arrays count by their elements. MongoError DistinctTooLarge. */
export async function distinct(run: CommandRun): Promise<Reply> {
  const { key, hint, collation } = run.body;
  if (typeof key !== 'string') throw new MongoError('TypeMismatch', "BSON field 'distinct.key' must be a string");
  const collection = run.engine.collection(run.unit, run.namespace);
  const values = new DistinctValues(toCollation(collation));
  if (collection)
    await drain(openScan(run, collection, { filter: queryOf(run.body), hint, collation }), ({ document }) => {
      for (const value of valuesAt(document, key).flat(1)) values.add(value);
    });
  return { document: { values: values.all } };
}
