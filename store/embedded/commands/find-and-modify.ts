import { toVariables } from '../aggregate/expressions.ts';
import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { StoredDocument } from '../collection/document-writer.ts';
import { MongoError } from '../mongo-error.ts';
import { compileProjection } from '../query/project.ts';
import { toSortSpec } from '../query/sort.ts';
import type { Document } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { eachMatch } from './matching.ts';
import { toUpdateSpec } from './update.ts';
import { deleteOne, updateOne, upsertOne } from './write-one.ts';
import { writtenCollection } from './written-collection.ts';

async function firstMatch(run: CommandRun, collection: CollectionDefinition, visit: (stored: StoredDocument) => void) {
  const { body } = run;
  const options = {
    filter: body['query'] ?? {},
    sort: toSortSpec(body['sort']),
    hint: body['hint'],
    collation: body['collation'],
    variables: toVariables(body['let']) as Document,
  };
  let found: StoredDocument | null = null;
  await eachMatch(run, collection, options, (stored) => {
    found = stored;
    visit(stored);
    return false;
  });
  return found as StoredDocument | null;
}

function answer(run: CommandRun, value: Document | null, lastErrorObject: Document): Reply {
  const project = compileProjection(run.body['fields'], run.body['query'] ?? {});
  return { document: { lastErrorObject, value: value && project ? project(value) : value } };
}

async function findAndRemove(run: CommandRun): Promise<Reply> {
  const collection = run.engine.collection(run.unit, run.namespace);
  const found = collection ? await firstMatch(run, collection, (stored) => deleteOne(run, collection, stored)) : null;
  return answer(run, found?.document ?? null, { n: found ? 1 : 0 });
}

/** `findAndModify`: the document before, or after with `new`. */
export async function findAndModify(run: CommandRun): Promise<Reply> {
  const { body } = run;
  if (body['remove'] === true) return findAndRemove(run);
  if (body['update'] === undefined)
    throw new MongoError('FailedToParse', 'Either an update or remove=true must be specified');
  const collection = writtenCollection(run, body['upsert'] === true);
  const spec = toUpdateSpec(body, body['query'] ?? {}, body['update'], body['let']);
  let after: StoredDocument | null = null;
  const before = await firstMatch(run, collection, (stored) => {
    after = updateOne(run, collection, stored, spec) ?? stored;
  });
  if (before) {
    const shown = body['new'] === true ? (after as StoredDocument | null) : before;
    return answer(run, shown?.document ?? null, { n: 1, updatedExisting: true });
  }
  if (body['upsert'] !== true) return answer(run, null, { n: 0, updatedExisting: false });
  const { document } = upsertOne(run, collection, spec);
  return answer(run, body['new'] === true ? document : null, {
    n: 1,
    updatedExisting: false,
    upserted: document['_id'],
  });
}
