import { type CollectionDefinition, describeIndex, type IndexDefinition, withIndex } from '../catalog/definitions.ts';
import { hasSameFields, isSameIndex, toIndexDefinition } from '../catalog/index-spec.ts';
import { collectGarbage } from '../engine/collect-garbage.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { successor } from '../value/key.ts';
import { buildIndex } from './build-index.ts';
import type { CommandRun, Reply } from './command-run.ts';

function isIdIndex(spec: Document): boolean {
  return isDocument(spec['key']) && isEqualValue(spec['key'], { _id: 1 });
}

/** The index that is there already, or null. MongoError IndexOptionsConflict, IndexKeySpecsConflict. */
function existing(collection: CollectionDefinition, wanted: IndexDefinition): IndexDefinition | null {
  const sameName = collection.indexes.find(({ name }) => name === wanted.name);
  if (sameName) {
    if (isSameIndex(sameName, wanted)) return sameName;
    throw new MongoError(
      'IndexKeySpecsConflict',
      `An existing index has the same name as the requested index ${wanted.name} and is another`,
    );
  }
  const sameFields = collection.indexes.find(
    (index) => hasSameFields(index, wanted) && isEqualValue(index.partial, wanted.partial),
  );
  if (!sameFields) return null;
  throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${sameFields.name}`);
}

/** In a transaction only a collection it made itself, and empty still, can be indexed: there is nothing to fill. */
function createInTransaction(run: CommandRun, spec: Document): void {
  const { engine, namespace, unit } = run;
  const collection = engine.ensureCollection(unit, namespace);
  const wanted = toIndexDefinition(spec, '');
  if (existing(collection, wanted)) return;
  const holds = run.range({ start: collection.id, end: successor(collection.id) }, 1).length > 0;
  if (!unit.created.has(namespace) || holds)
    throw new MongoError(
      'OperationNotSupportedInTransaction',
      `Cannot create new indexes on existing collection ${namespace} in a multi-document transaction.`,
    );
  const index = { ...wanted, id: engine.catalog.newStoreId(unit.overlay), ready: true };
  unit.created.set(namespace, withIndex(collection, index));
}

async function createIndex(run: CommandRun, spec: Document): Promise<void> {
  if (isIdIndex(spec)) return;
  if (run.transaction) return createInTransaction(run, spec);
  const { engine, namespace } = run;
  const collection = engine.ensureCollection(run.unit, namespace);
  const wanted = toIndexDefinition(spec, '');
  const found = existing(collection, wanted);
  if (found) return awaitReady(run, found);
  const index = await engine.changeCatalog((unit) => {
    const definition = { ...wanted, id: engine.catalog.newStoreId(unit.overlay) };
    engine.catalog.putIndex(unit.overlay, namespace, definition);
    return definition;
  });
  await buildIndex(run, namespace, index);
}

/** Another command builds the same index: its end is ours. */
async function awaitReady(run: CommandRun, index: IndexDefinition): Promise<void> {
  for (;;) {
    const current = run.engine.catalog.find(run.namespace)?.indexes.find(({ id }) => id === index.id);
    if (current?.ready) return;
    if (!current) throw new MongoError('IndexNotFound', `The index ${index.name} could not be built`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** `createIndexes`. Each is built while other commands go on. MongoError DuplicateKey when a unique one does not hold. */
export async function createIndexes(run: CommandRun): Promise<Reply> {
  const had = run.engine.collection(run.unit, run.namespace);
  for (const spec of run.body['indexes'] as Document[]) await createIndex(run, spec);
  const now = run.engine.ensureCollection(run.unit, run.namespace);
  await run.engine.disk.settled();
  const numIndexesBefore = (had?.indexes.length ?? 0) + 1;
  return {
    document: { numIndexesBefore, numIndexesAfter: now.indexes.length + 1, createdCollectionAutomatically: !had },
  };
}

function selected(collection: CollectionDefinition, selector: unknown): readonly IndexDefinition[] {
  if (selector === '*') return collection.indexes;
  const selectors = Array.isArray(selector) ? selector : [selector];
  return selectors.map((it) => {
    const index = collection.indexes.find(({ name, fields }) =>
      isDocument(it) ? isEqualValue(it, Object.fromEntries(fields)) : name === it,
    );
    if (it === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index');
    if (!index) throw new MongoError('IndexNotFound', `index not found with name [${String(it)}]`);
    return index;
  });
}

/** `dropIndexes`. */
export async function dropIndexes(run: CommandRun): Promise<Reply> {
  const { engine, namespace } = run;
  const collection = engine.catalog.find(namespace);
  if (!collection) throw new MongoError('NamespaceNotFound', `ns not found ${namespace}`);
  const indexes = selected(collection, run.body['index']);
  await engine.changeCatalog((unit) => {
    for (const index of indexes) engine.catalog.removeIndex(unit.overlay, namespace, index);
    if (indexes.length > 0)
      unit.changes.push({ operation: 'dropIndexes', namespace, details: { indexes: indexes.map(describeIndex) } });
  });
  engine.inBackground('garbage', collectGarbage(engine));
  return { document: { nIndexesWas: collection.indexes.length + 1 } };
}
