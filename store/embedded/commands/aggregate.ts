import { divide } from '../aggregate/pushed-down.ts';
import { checkStages, foreignCollections, runStages } from '../aggregate/stages.ts';
import { listBatches, scanBatches } from '../cursors/scan-batches.ts';
import { MongoError } from '../mongo-error.ts';
import { find as openFind } from '../query/find.ts';
import { type Document, encode } from '../value/codec.ts';
import { type CommandRun, type Reply, refuseOptions } from './command-run.ts';
import { drain } from './count-distinct.ts';
import { firstBatch } from './find.ts';
import { watch } from './watch.ts';

const FIRST_BATCH = 101;

async function readAll(run: CommandRun, namespace: string): Promise<Document[]> {
  const collection = run.engine.collection(run.unit, namespace);
  const documents: Document[] = [];
  if (collection)
    await drain(openFind(run.unit, collection, { filter: {} }).documents, ({ document }) => documents.push(document));
  return documents;
}

function namespaceOf(run: CommandRun): string {
  return run.body['aggregate'] === 1 ? `${run.database}.$cmd.aggregate` : run.namespace;
}

/** `aggregate`: what leads to a query runs as one, the stages after it run on its result. */
export async function aggregate(run: CommandRun): Promise<Reply> {
  const { body } = run;
  refuseOptions(body, ['collation']);
  const pipeline = body['pipeline'] as Document[];
  if (!Array.isArray(pipeline)) throw new MongoError('TypeMismatch', "'pipeline' must be an array");
  const requested = body['cursor']?.['batchSize'];
  const size = typeof requested === 'number' ? requested : FIRST_BATCH;
  if (pipeline[0]?.['$changeStream']) return watch(run, pipeline, size);
  checkStages(pipeline);
  const namespace = namespaceOf(run);
  const { query, rest } = divide(pipeline);
  const collection = run.engine.collection(run.unit, namespace);
  const found = collection && openFind(run.unit, collection, { ...query, hint: body['hint'], variables: body['let'] });
  if (rest.length === 0)
    return firstBatch(
      run,
      namespace,
      found ? scanBatches(found.documents, ({ bytes }) => bytes) : listBatches([]),
      size,
    );
  const foreign = new Map<string, Document[]>();
  for (const name of new Set(foreignCollections(rest)))
    foreign.set(name, await readAll(run, `${run.database}.${name}`));
  const documents: Document[] = [];
  if (found) await drain(found.documents, ({ document }) => documents.push(document));
  const result = runStages(documents, rest, foreign, body['let']);
  return firstBatch(run, namespace, listBatches(result.map(encode)), size);
}
