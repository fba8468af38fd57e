import { isDeepStrictEqual } from 'node:util';
import { ObjectId } from 'bson';
import { type CollectionDefinition, withShape } from '../catalog/definitions.ts';
import { writeDocument } from '../collection/document-writer.ts';
import { toRecordKey } from '../collection/record-key.ts';
import type { CommandRun } from '../commands/command-run.ts';
import { collectGarbage } from '../engine/collect-garbage.ts';
import { requireValidName } from '../engine/engine.ts';
import type { WorkUnit } from '../engine/work-unit.ts';
import { MongoError } from '../mongo-error.ts';
import { encode, isDocument } from '../value/codec.ts';
import { collect } from './held-documents.ts';
import { type Rows, Slices } from './rows.ts';

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

/** While the documents were written others had their turn: an index made meanwhile is not to be lost. */
function requireUnchanged(before: CollectionDefinition | undefined, now: CollectionDefinition | undefined): void {
  const shape = (it: CollectionDefinition | undefined) =>
    it && [it.id, ...it.indexes.map(({ id, ready }) => id + ready)];
  if (isDeepStrictEqual(shape(before), shape(now))) return;
  throw new MongoError('OperationFailed', 'The target collection or its indexes changed while $out was processed');
}

/** `$out`: the documents become the collection in one commit; until then, and when one cannot be written, all is as it was. */
export async function writeOut(run: CommandRun, rows: Rows, specification: unknown): Promise<void> {
  const namespace = toTarget(run.database, specification);
  const documents = await collect(rows, '$out');
  const { engine } = run;
  engine.disk.requireWritable();
  const unit = engine.begin();
  const existing = engine.catalog.find(namespace);
  let draft = draftLike(run, unit, namespace);
  const slices = new Slices();
  for (const found of documents) {
    const document = '_id' in found ? found : { _id: new ObjectId(), ...found };
    const stored = { recordKey: toRecordKey(document['_id']), bytes: encode(document), document };
    writeDocument(unit.overlay, draft, null, stored, (shape) => {
      draft = withShape(draft, shape);
    });
    await slices.next();
  }
  const replaced = engine.catalog.find(namespace);
  requireUnchanged(existing, replaced);
  if (replaced) {
    engine.catalog.drop(unit.overlay, replaced);
    unit.changes.push({ operation: 'drop', namespace, uuid: replaced.uuid });
  }
  engine.catalog.put(unit.overlay, draft);
  unit.changes.push({ operation: 'create', namespace, uuid: draft.uuid });
  await engine.commit(unit);
  engine.inBackground('garbage', collectGarbage(engine));
}
