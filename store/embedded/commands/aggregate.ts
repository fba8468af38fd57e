import { toVariables, type Variables } from '../aggregate/expressions.ts';
import { collect } from '../aggregate/held-documents.ts';
import { mergeInto } from '../aggregate/merge.ts';
import { counterOf, openPipeline } from '../aggregate/pipeline.ts';
import { divide } from '../aggregate/pushed-down.ts';
import { fromList, type Rows } from '../aggregate/rows.ts';
import { checkStages, namesRead } from '../aggregate/stages.ts';
import { toTarget, writeOut } from '../aggregate/write-out.ts';
import { rowBatches } from '../cursors/row-batches.ts';
import { listBatches, scanBatches } from '../cursors/scan-batches.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { toCollation } from '../query/collation.ts';
import { type Document, isDocument } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { firstBatch } from './find.ts';
import { openScan } from './open-scan.ts';
import { watch } from './watch.ts';

const FIRST_BATCH = 101;
/** Stages that need no collection. */
const SOURCES = new Set(['$documents', '$listLocalSessions']);
/** Stages a collation makes no difference to. */
const COMPARES_NOTHING = new Set(['$count', '$limit', '$skip', '$unset', '$out']);

function requireSource(run: CommandRun, pipeline: readonly Document[]): void {
  const first = Object.keys(pipeline[0] ?? {})[0] ?? '';
  const isOfDatabase = run.body['aggregate'] === 1;
  if (isOfDatabase === SOURCES.has(first)) return;
  const needed = isOfDatabase ? 'a collection is required' : 'it runs on a database';
  throw new MongoError('InvalidNamespace', `${first || 'The pipeline'} is not valid here; ${needed}`);
}

/** Behind the `$match` and `$sort` a pipeline begins with, only stages that compare nothing. */
function refuseUncollated(pipeline: readonly Document[]): void {
  const other = divide(pipeline).rest.find(
    (stage) => !counterOf(stage) && !COMPARES_NOTHING.has(Object.keys(stage)[0] as string),
  );
  if (other) throw notSupported(`The stage ${Object.keys(other)[0]} with a collation`);
}

function sizeOf(body: Document): number {
  const size = isDocument(body['cursor']) ? body['cursor']['batchSize'] : undefined;
  if (size === undefined) return FIRST_BATCH;
  if (typeof size !== 'number' || size < 0) throw new MongoError('BadValue', 'batchSize must not be negative');
  return size;
}

/** Runs a pipeline that ends in `$out` or `$merge`; its answer is an empty cursor. */
async function write(run: CommandRun, pipeline: readonly Document[], open: (stages: Document[]) => Rows) {
  if (run.transaction)
    throw new MongoError('OperationNotSupportedInTransaction', '$out and $merge cannot be used in a transaction');
  if (run.body['readConcern']?.['level'] === 'linearizable')
    throw new MongoError('InvalidOptions', '$out and $merge cannot be used with a linearizable read concern');
  const last = pipeline.at(-1) as Document;
  const stages = pipeline.slice(0, -1);
  const rows = open(stages);
  if ('$out' in last) return writeOut(run, rows, last['$out']);
  const target = isDocument(last['$merge']) ? last['$merge']['into'] : last['$merge'];
  const own = run.body['aggregate'] === 1 ? [] : [run.namespace];
  const read = [...own, ...namesRead(stages).map((name) => `${run.database}.${name}`)];
  // What is written is not to be read again by the same pipeline.
  const isOwn = read.includes(toTarget(run.database, target));
  const apart = isOwn ? fromList(await collect(rows, '$merge')) : rows;
  return mergeInto(run, apart, last['$merge'], toVariables(run.body['let']));
}

/** A pipeline a query serves alone: its documents are handed on as stored. */
function queryAlone(run: CommandRun, pipeline: readonly Document[], variables: Variables) {
  const { query, rest } = divide(pipeline);
  if (rest.length > 0) return null;
  const collection = run.engine.collection(run.unit, run.namespace);
  if (!collection) return listBatches([]);
  const { hint, collation } = run.body;
  const options = { ...query, hint, collation, variables: variables as Document };
  return scanBatches(openScan(run, collection, options), ({ bytes }) => bytes);
}

/** `aggregate`: what leads to a query runs as one, the stages after it on its result, chunk by chunk as the cursor is read. */
export async function aggregate(run: CommandRun): Promise<Reply> {
  const { body } = run;
  const pipeline = body['pipeline'] as Document[];
  if (!Array.isArray(pipeline)) throw new MongoError('TypeMismatch', "'pipeline' must be an array");
  const size = sizeOf(body);
  if (pipeline[0]?.['$changeStream']) return watch(run, pipeline, size);
  checkStages(pipeline, true);
  requireSource(run, pipeline);
  const isOfDatabase = body['aggregate'] === 1;
  const namespace = isOfDatabase ? `${run.database}.$cmd.aggregate` : run.namespace;
  const variables = toVariables(body['let']);
  const { hint, collation } = body;
  if (toCollation(collation)) refuseUncollated(pipeline);
  const open = (stages: readonly Document[]) =>
    openPipeline({ run, namespace: isOfDatabase ? null : namespace, stages, variables, hint, collation });
  const last = pipeline.at(-1);
  if (last && ('$out' in last || '$merge' in last)) {
    await write(run, pipeline, open);
    return firstBatch(run, namespace, listBatches([]), size);
  }
  const alone = isOfDatabase ? null : queryAlone(run, pipeline, variables);
  return firstBatch(run, namespace, alone ?? rowBatches(open(pipeline)), size);
}
