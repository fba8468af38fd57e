import { type CollectionDefinition, describeIndex, type IndexDefinition } from '../catalog/definitions.ts';
import { duplicateKey, ReadDocument, type StoredDocument } from '../collection/document-writer.ts';
import { indexedFields, recordKeyOf, toEntry } from '../collection/index-entries.ts';
import { find as openFind } from '../query/find.ts';
import { PAUSE } from '../query/scan.ts';
import { valuesAt } from '../value/path.ts';
import type { CommandRun } from './command-run.ts';

function addEntries(
  run: CommandRun,
  collection: CollectionDefinition,
  index: IndexDefinition,
  stored: StoredDocument,
): void {
  const { keys, multikey, truncated } = indexedFields(index, stored.document);
  if (multikey || truncated)
    run.engine.noteShape(run.unit, collection.namespace, { id: index.id, multikey, truncated });
  for (const fields of keys) {
    const [key, value] = toEntry(index, fields, stored.recordKey);
    const holder = run.get(key);
    if (holder && index.unique && recordKeyOf(index, [key, holder]) !== stored.recordKey) {
      const keyValue = Object.fromEntries(
        index.fields.map(([path]) => [path, valuesAt(stored.document, path)[0] ?? null]),
      );
      throw duplicateKey(collection.namespace, index.name, Object.fromEntries(index.fields), keyValue);
    }
    if (!holder) run.unit.overlay.put(key, value);
  }
}

/**
 * Fills a new index from the documents there are, a slice at a time: writers maintain it from the moment it is defined,
 * queries use it once it is whole. When it cannot be filled it is taken away again, and so it is at the next start after a crash.
 */
export async function buildIndex(run: CommandRun, namespace: string, index: IndexDefinition): Promise<void> {
  const { engine } = run;
  const current = () => engine.catalog.find(namespace);
  const collection = current();
  if (!collection) return;
  try {
    for (const stored of openFind(engine.disk, collection, { filter: {} }).documents) {
      if (stored === PAUSE) {
        await run.pause();
        continue;
      }
      // As it is now, not as it was read: an entry of what it was would never be removed.
      const bytes = run.get(collection.id + stored.recordKey);
      if (bytes) addEntries(run, collection, index, new ReadDocument(stored.recordKey, bytes));
    }
    await run.commit();
  } catch (error) {
    await engine.changeCatalog((unit) => engine.catalog.removeIndex(unit.overlay, namespace, index));
    throw error;
  }
  await engine.changeCatalog((unit) => {
    const built = current()?.indexes.find(({ id }) => id === index.id);
    if (!built) return;
    engine.catalog.putIndex(unit.overlay, namespace, { ...built, ready: true });
    unit.changes.push({ operation: 'createIndexes', namespace, details: { indexes: [describeIndex(built)] } });
  });
}
