import { Binary } from 'bson';
import { describeIndex, ID_INDEX } from '../catalog/definitions.ts';
import { listBatches } from '../cursors/scan-batches.ts';
import { collectGarbage } from '../engine/collect-garbage.ts';
import { MongoError } from '../mongo-error.ts';
import { compileFilter } from '../query/filter.ts';
import { type Document, encode } from '../value/codec.ts';
import { keepImages } from './coll-mod.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { firstBatch } from './find.ts';

/** `create`. MongoError NamespaceExists. */
export async function create(run: CommandRun): Promise<Reply> {
  if (run.engine.collection(run.unit, run.namespace))
    throw new MongoError('NamespaceExists', `Collection ${run.namespace} already exists.`);
  run.engine.ensureCollection(run.unit, run.namespace);
  if (run.body['changeStreamPreAndPostImages']) await keepImages(run, run.body['changeStreamPreAndPostImages']);
  await run.engine.disk.settled();
  return { document: {} };
}

/** `drop`. An absent collection is fine. */
export async function drop(run: CommandRun): Promise<Reply> {
  const { engine, namespace } = run;
  const collection = engine.catalog.find(namespace);
  if (!collection) return { document: {} };
  await engine.changeCatalog((unit) => {
    engine.catalog.drop(unit.overlay, collection);
    unit.changes.push({ operation: 'drop', namespace, uuid: collection.uuid });
  });
  engine.inBackground('garbage', collectGarbage(engine));
  return { document: { nIndexesWas: collection.indexes.length + 1, ns: namespace } };
}

/** `dropDatabase`. */
export async function dropDatabase(run: CommandRun): Promise<Reply> {
  const { engine, database } = run;
  await engine.changeCatalog((unit) => {
    for (const collection of engine.catalog.list(database)) {
      engine.catalog.drop(unit.overlay, collection);
      unit.changes.push({ operation: 'drop', namespace: collection.namespace, uuid: collection.uuid });
    }
    unit.changes.push({ operation: 'dropDatabase', namespace: `${database}.` });
  });
  engine.inBackground('garbage', collectGarbage(engine));
  return { document: { dropped: database } };
}

/** `listCollections`. */
export function listCollections(run: CommandRun): Promise<Reply> {
  const { body, database, engine } = run;
  const matches = compileFilter(body['filter'] ?? {});
  const documents = engine.catalog
    .list(database)
    .map(({ namespace, uuid }): Document => {
      const name = namespace.slice(database.length + 1);
      const info = { readOnly: false, uuid: new Binary(uuid, 4) };
      return {
        name,
        type: 'collection',
        ...(body['nameOnly'] === true ? {} : { options: {}, info, idIndex: ID_INDEX }),
      };
    })
    .filter(matches);
  return firstBatch(run, `${database}.$cmd.listCollections`, listBatches(documents.map(encode)), 1_000_000);
}

/** `listDatabases`. */
export function listDatabases(run: CommandRun): Reply {
  const matches = compileFilter(run.body['filter'] ?? {});
  const nameOnly = run.body['nameOnly'] === true;
  const names = new Set(run.engine.catalog.list().map(({ namespace }) => namespace.slice(0, namespace.indexOf('.'))));
  const all = [...names].sort().map((name): Document => ({ name, sizeOnDisk: 0, empty: false }));
  const databases = all.filter(matches).map((it) => (nameOnly ? { name: it['name'] } : it));
  return { document: { databases, ...(nameOnly ? {} : { totalSize: 0 }) } };
}

/** `listIndexes`. MongoError NamespaceNotFound. */
export function listIndexes(run: CommandRun): Promise<Reply> {
  const collection = run.engine.catalog.find(run.namespace);
  if (!collection) throw new MongoError('NamespaceNotFound', `ns does not exist: ${run.namespace}`);
  const documents = [ID_INDEX, ...collection.indexes.filter(({ ready }) => ready).map(describeIndex)];
  return firstBatch(run, run.namespace, listBatches(documents.map(encode)), 1_000_000);
}
