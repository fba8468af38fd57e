import type { StoredDocument } from '../collection/document-writer.ts';
import type { Counting } from '../query/count-keys.ts';
import { find as openFind } from '../query/find.ts';
import { nextTurn, PAUSE, type Scan } from '../query/scan.ts';
import { encodeValue } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import { type CommandRun, type Reply, refuseOptions } from './command-run.ts';

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

/** `count`. */
export async function count(run: CommandRun): Promise<Reply> {
  const { body } = run;
  refuseOptions(body, ['collation']);
  const collection = run.engine.collection(run.unit, run.namespace);
  let n = 0;
  if (collection) {
    const limit = Math.abs(Number(body['limit'] ?? 0));
    const options = { filter: body['query'] ?? {}, skip: Number(body['skip'] ?? 0), limit, hint: body['hint'] };
    n = await tally(openFind(run.unit, collection, options).count());
  }
  return { document: { n } };
}

/** `distinct`: arrays count by their elements. */
export async function distinct(run: CommandRun): Promise<Reply> {
  const { body } = run;
  refuseOptions(body, ['collation']);
  const collection = run.engine.collection(run.unit, run.namespace);
  const values = new Map<string, unknown>();
  if (collection)
    await drain(
      openFind(run.unit, collection, { filter: body['query'] ?? {}, hint: body['hint'] }).documents,
      (stored) => {
        for (const value of valuesAt(stored.document, String(body['key'])).flat(1))
          if (value !== undefined) values.set(encodeValue(value), value);
      },
    );
  return { document: { values: [...values.values()] } };
}
