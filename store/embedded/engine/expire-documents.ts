import type { CollectionDefinition, IndexDefinition } from '../catalog/definitions.ts';
import { ReadDocument, type StoredDocument, writeDocument } from '../collection/document-writer.ts';
import { find } from '../query/find.ts';
import { nextTurn, PAUSE } from '../query/scan.ts';
import { valuesAt } from '../value/path.ts';
import { toDeletion } from './change.ts';
import type { Engine } from './engine.ts';

/** Documents removed in one commit. */
const BATCH = 200;

function isExpired({ document }: StoredDocument, path: string, limit: Date): boolean {
  const dates = valuesAt(document, path)
    .flat(1)
    .filter((value) => value instanceof Date);
  return dates.some((date) => date < limit);
}

async function expireByIndex(engine: Engine, collection: CollectionDefinition, index: IndexDefinition): Promise<void> {
  const [path] = index.fields[0] as readonly [string, number];
  const limit = new Date(engine.clock.now() - (index.expireAfterSeconds as number) * 1000);
  let unit = engine.begin();
  // By this very index: a partial one expires only what it covers.
  const query = { filter: { [path]: { $lt: limit } }, hint: index.name };
  for (const found of find(engine.disk, collection, query).documents) {
    if (found === PAUSE || unit.changes.length >= BATCH) {
      await engine.commit(unit);
      unit = engine.begin();
      await nextTurn();
    }
    const bytes = found === PAUSE ? undefined : unit.get(collection.id + found.recordKey);
    if (found === PAUSE || !bytes) continue;
    const current = new ReadDocument(found.recordKey, bytes);
    if (!isExpired(current, path, limit)) continue;
    writeDocument(unit.overlay, collection, current, null, () => undefined);
    unit.changes.push(toDeletion(collection, current));
  }
  await engine.commit(unit);
}

/** Removes the documents whose date in a TTL index is past, a batch at a time. */
export async function expireDocuments(engine: Engine): Promise<void> {
  for (const collection of engine.catalog.list())
    for (const index of collection.indexes)
      if (index.ready && index.expireAfterSeconds !== null && index.fields.length === 1)
        await expireByIndex(engine, collection, index);
}
