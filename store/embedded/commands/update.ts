import type { CollectionDefinition } from '../catalog/definitions.ts';
import type { StatementOutcome } from '../engine/session-records.ts';
import { MongoError } from '../mongo-error.ts';
import { toSortSpec } from '../query/sort.ts';
import { isOperatorUpdate, type UpdateSpec } from '../update/apply-update.ts';
import type { Document } from '../value/codec.ts';
import { type CommandRun, type Reply, refuseOptions } from './command-run.ts';
import { eachMatch } from './matching.ts';
import { eachStatement } from './write-errors.ts';
import { updateOne, upsertOne } from './write-one.ts';

/** The update a statement of `update` or `findAndModify` asks for. */
export function toUpdateSpec(statement: Document, filter: Document, update: unknown, variables: unknown): UpdateSpec {
  if (typeof update !== 'object' || update === null)
    throw new MongoError('FailedToParse', 'An update must be a document or a pipeline');
  return {
    update: update as UpdateSpec['update'],
    filter,
    arrayFilters: statement['arrayFilters'],
    variables: variables as Document | undefined,
  };
}

async function runStatement(
  run: CommandRun,
  collection: CollectionDefinition,
  statement: Document,
): Promise<StatementOutcome> {
  refuseOptions(statement, ['collation']);
  const filter: Document = statement['q'] ?? {};
  const variables = statement['c'] ?? run.body['let'];
  const spec = toUpdateSpec(statement, filter, statement['u'], variables);
  const multi = statement['multi'] === true;
  if (multi && !isOperatorUpdate(spec.update) && !Array.isArray(spec.update))
    throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  let [n, nModified] = [0, 0];
  const options = { filter, hint: statement['hint'], sort: toSortSpec(statement['sort']), variables };
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
  const collection = run.engine.ensureCollection(run.unit, run.namespace);
  const { n, nModified, upserted, rest } = await eachStatement(run, run.body['updates'] as Document[], (statement) =>
    runStatement(run, collection, statement),
  );
  return { document: { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...rest } };
}
