import { toVariables } from '../aggregate/expressions.ts';
import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { StatementOutcome } from '../engine/session-records.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { toCollation } from '../query/collation.ts';
import { isOperatorUpdate, type UpdateSpec } from '../update/apply-update.ts';
import { type Document, isDocument } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { eachMatch } from './matching.ts';
import { eachStatement, statementsIn } from './write-errors.ts';
import { updateOne, upsertOne } from './write-one.ts';
import { writtenCollection } from './written-collection.ts';

/** Parts of an update that compare strings: they would have to follow the collation, and do not. */
function refuseUncollated(update: object, arrayFilters: unknown): void {
  const compares = ['$pull', '$pullAll', '$addToSet', '$min', '$max', '$push'].find((operator) => operator in update);
  const part = compares ?? (Array.isArray(update) ? 'a pipeline' : arrayFilters === undefined ? null : 'arrayFilters');
  if (part !== null) throw notSupported(`An update with ${part} and a collation`);
}

/** The update a statement of `update` or `findAndModify` asks for. */
export function toUpdateSpec(statement: Document, filter: Document, update: unknown, variables: unknown): UpdateSpec {
  if (typeof update !== 'object' || update === null)
    throw new MongoError('FailedToParse', 'An update must be a document or a pipeline');
  const { arrayFilters } = statement;
  if (arrayFilters !== undefined && !(Array.isArray(arrayFilters) && arrayFilters.every(isDocument)))
    throw new MongoError('TypeMismatch', 'arrayFilters must be an array of documents');
  if (arrayFilters !== undefined && Array.isArray(update))
    throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
  if (toCollation(statement['collation'])) refuseUncollated(update, arrayFilters);
  return {
    update: update as UpdateSpec['update'],
    filter,
    arrayFilters,
    variables: toVariables(variables) as Document,
  };
}

async function runStatement(
  run: CommandRun,
  collection: CollectionDefinition,
  statement: Document,
): Promise<StatementOutcome> {
  const filter: Document = statement['q'] ?? {};
  const variables = statement['c'] ?? run.body['let'];
  const spec = toUpdateSpec(statement, filter, statement['u'], variables);
  const multi = statement['multi'] === true;
  if (multi && !isOperatorUpdate(spec.update) && !Array.isArray(spec.update))
    throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  let [n, nModified] = [0, 0];
  const { hint, collation } = statement;
  const options = { filter, hint, collation, variables: spec.variables as Document };
  await eachMatch(run, collection, options, (stored) => {
    n += 1;
    if (updateOne(run, collection, stored, spec)) nModified += 1;
    return multi;
  });
  if (n > 0 || statement['upsert'] !== true) return { n, nModified };
  return { n: 1, nModified: 0, upsertedId: upsertOne(run, collection, spec).document['_id'] };
}

/** `update`. */
export async function update(run: CommandRun): Promise<Reply> {
  const updates = statementsIn(run, 'updates');
  const mayInsert = updates.some(({ upsert }) => upsert === true);
  const collection = writtenCollection(run, mayInsert);
  const { n, nModified, upserted, rest } = await eachStatement(run, updates, (statement) =>
    runStatement(run, collection, statement),
  );
  return { document: { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...rest } };
}
