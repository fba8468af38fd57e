import type { CollectionDefinition } from '../catalog/definitions.ts';
import { type StoredDocument, writeDocument } from '../collection/document-writer.ts';
import { toRecordKey } from '../collection/record-key.ts';
import { toDeletion } from '../engine/change.ts';
import { MongoError } from '../mongo-error.ts';
import { applyUpdate, isReplacement, type UpdateSpec } from '../update/apply-update.ts';
import { differenceOf } from '../update/difference.ts';
import { toUpserted } from '../update/upsert.ts';
import { type Document, decode, encode, isDocument } from '../value/codec.ts';
import type { CommandRun } from './command-run.ts';

function write(
  run: CommandRun,
  collection: CollectionDefinition,
  before: StoredDocument | null,
  after: StoredDocument | null,
) {
  writeDocument(run.unit.overlay, collection, before, after, (shape) =>
    run.engine.noteShape(run.unit, collection.namespace, shape),
  );
}

function rejectBadId(id: unknown): void {
  if (Array.isArray(id) || id === undefined || id instanceof RegExp)
    throw new MongoError('InvalidLength', "The '_id' value cannot be an array, a regex or undefined");
  const dollar = isDocument(id) ? Object.keys(id).find((name) => name.startsWith('$')) : undefined;
  if (dollar !== undefined)
    throw new MongoError('DollarPrefixedFieldName', `_id fields may not contain '$'-prefixed fields: ${dollar}`);
}

/** Puts a new document in. MongoError DuplicateKey. */
export function insertOne(
  run: CommandRun,
  collection: CollectionDefinition,
  bytes: Uint8Array,
  document: Document,
): StoredDocument {
  const id = document['_id'];
  rejectBadId(id);
  const stored = { recordKey: toRecordKey(id), bytes, document };
  write(run, collection, null, stored);
  run.unit.changes.push({ operation: 'insert', namespace: collection.namespace, id, bytes });
  return stored;
}

/** Updates one document; null when the update leaves it as it was. */
export function updateOne(
  run: CommandRun,
  collection: CollectionDefinition,
  before: StoredDocument,
  spec: UpdateSpec,
): StoredDocument | null {
  const document = applyUpdate(before.document, spec, { now: run.engine.clock.now(), inserting: false });
  const bytes = encode(document);
  if (Buffer.compare(bytes, before.bytes) === 0) return null;
  const after = { recordKey: before.recordKey, bytes, document: decode(bytes) };
  write(run, collection, before, after);
  const images = collection.images ? { before: before.bytes, bytes } : {};
  const change = { namespace: collection.namespace, id: before.document['_id'], ...images };
  if (isReplacement(spec.update)) run.unit.changes.push({ ...change, operation: 'replace', bytes });
  else
    run.unit.changes.push({
      ...change,
      operation: 'update',
      description: differenceOf(before.document, after.document, Array.isArray(spec.update)),
    });
  return after;
}

/** Inserts what an update makes of its query. */
export function upsertOne(run: CommandRun, collection: CollectionDefinition, spec: UpdateSpec): StoredDocument {
  const document = toUpserted(spec, run.engine.clock.now());
  return insertOne(run, collection, encode(document), document);
}

/** Removes one document. */
export function deleteOne(run: CommandRun, collection: CollectionDefinition, before: StoredDocument): void {
  write(run, collection, before, null);
  run.unit.changes.push(toDeletion(collection, before));
}
