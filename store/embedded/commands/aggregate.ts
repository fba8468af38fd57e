import { divide } from '../aggregate/pushed-down.ts';
import { runPipeline } from '../aggregate/run-pipeline.ts';
import { checkStages } from '../aggregate/stages.ts';
import { listBatches, scanBatches } from '../cursors/scan-batches.ts';
import { MongoError } from '../mongo-error.ts';
import { find as openFind } from '../query/find.ts';
import type { Scan } from '../query/scan.ts';
import { type Document, encode, isDocument } from '../value/codec.ts';
import { type CommandRun, type Reply, refuseOptions } from './command-run.ts';
import { drain } from './count-distinct.ts';
import { firstBatch } from './find.ts';
import { watch } from './watch.ts';

const FIRST_BATCH = 101;

function namespaceOf(run: CommandRun): string {
  return run.body['aggregate'] === 1 ? `${run.database}.$cmd.aggregate` : run.namespace;
}

/** Name of the counter when the stages only count, as the driver's countDocuments does; null otherwise. */
function counterOf(rest: readonly Document[]): string | null {
  const group = rest.length === 1 ? rest[0]?.['$group'] : undefined;
  if (!isDocument(group) || typeof group['_id'] === 'string' || isDocument(group['_id'])) return null;
  const [counter, ...others] = Object.entries(group).filter(([name]) => name !== '_id');
  const isCount = others.length === 0 && isDocument(counter?.[1]) && counter[1]['$sum'] === 1;
  return isCount && counter ? counter[0] : null;
}

async function countAll(found: Scan): Promise<number> {
  let n = 0;
  await drain(found, () => {
    n += 1;
  });
  return n;
}

async function runStagesOver(run: CommandRun, found: Scan | undefined, rest: readonly Document[]): Promise<Document[]> {
  const counter = counterOf(rest);
  if (counter !== null && found) {
    const n = await countAll(found);
    return n > 0 ? [{ _id: rest[0]?.['$group']['_id'], [counter]: n }] : [];
  }
  const documents: Document[] = [];
  if (found) await drain(found, ({ document }) => documents.push(document));
  return runPipeline(run, documents, rest);
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
  const options = { ...query, hint: body['hint'], variables: body['let'] };
  const found = collection && openFind(run.unit, collection, options).documents;
  if (rest.length > 0) {
    const result = await runStagesOver(run, found, rest);
    return firstBatch(run, namespace, listBatches(result.map(encode)), size);
  }
  return firstBatch(run, namespace, found ? scanBatches(found, ({ bytes }) => bytes) : listBatches([]), size);
}
