import { ObjectId } from 'bson';
import { type CollectionDefinition, withShape } from '../catalog/definitions.ts';
import { writeDocument } from '../collection/document-writer.ts';
import { toRecordKey } from '../collection/record-key.ts';
import type { CommandRun } from '../commands/command-run.ts';
import { collectGarbage } from '../engine/collect-garbage.ts';
import { requireValidName } from '../engine/engine.ts';
import type { WorkUnit } from '../engine/work-unit.ts';
import { MongoError } from '../mongo-error.ts';
import { nextTurn } from '../query/scan.ts';
import { encode, isDocument } from '../value/codec.ts';
import { collect } from './held-documents.ts';
import type { Rows } from './rows.ts';

/** Documents written before other commands get their turn. */
const SLICE = 200;

/** The namespace `$out` or the `into` of `$merge` names. MongoError TypeMismatch, InvalidNamespace. */
export function toTarget(database: string, target: unknown): string {
  const { db = database, coll, ...rest } = isDocument(target) ? target : { coll: target };
  if (typeof coll !== 'string' || typeof db !== 'string' || Object.keys(rest).length > 0)
    throw new MongoError('TypeMismatch', 'the target must be a collection, or {db, coll}');
  requireValidName(`${db}.${coll}`);
  return `${db}.${coll}`;
}

/** An empty collection with the indexes and settings of another, not yet in the catalog. */
function draftLike(run: CommandRun, unit: WorkUnit, namespace: string): CollectionDefinition {
  const { catalog } = run.engine;
  const draft = catalog.draft(unit.overlay, namespace);
  const existing = catalog.find(namespace);
  if (!existing) return draft;
  const indexes = existing.indexes.map((index) => ({ ...index, id: catalog.newStoreId(unit.overlay), ready: true }));
  return { ...existing, id: draft.id, uuid: draft.uuid, indexes };
}

/** `$out`: the documents become the collection in one commit; until then, and when one cannot be written, all is as it was. */
export async function writeOut(run: CommandRun, rows: Rows, specification: unknown): Promise<void> {
  const namespace = toTarget(run.database, specification);
  const documents = await collect(rows, '$out');
  const { engine } = run;
  engine.disk.requireWritable();
  const unit = engine.begin();
  let draft = draftLike(run, unit, namespace);
  for (const [at, found] of documents.entries()) {
    const document = '_id' in found ? found : { _id: new ObjectId(), ...found };
    const stored = { recordKey: toRecordKey(document['_id']), bytes: encode(document), document };
    writeDocument(unit.overlay, draft, null, stored, (shape) => {
      draft = withShape(draft, shape);
    });
    if (at % SLICE === SLICE - 1) await nextTurn();
  }
  const replaced = engine.catalog.find(namespace);
  if (replaced) {
    engine.catalog.drop(unit.overlay, replaced);
    unit.changes.push({ operation: 'drop', namespace, uuid: replaced.uuid });
  }
  engine.catalog.put(unit.overlay, draft);
  unit.changes.push({ operation: 'create', namespace, uuid: draft.uuid });
  await engine.commit(unit);
  engine.inBackground('garbage', collectGarbage(engine));
}
