import { toVariables } from '../aggregate/expressions.ts';
import type { Batches } from '../cursors/cursors.ts';
import { listBatches, scanBatches } from '../cursors/scan-batches.ts';
import { MongoError } from '../mongo-error.ts';
import type { FindOptions } from '../query/find.ts';
import { compileProjection } from '../query/project.ts';
import { toSortSpec } from '../query/sort.ts';
import { type Document, encode } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { openScan } from './open-scan.ts';

/** Documents in a first batch of which the client did not say how many. */
const FIRST_BATCH = 101;

function count(body: Document, name: string): number {
  const value = body[name] ?? 0;
  if (typeof value !== 'number' || value < 0) throw new MongoError('BadValue', `${name} must not be negative`);
  return value;
}

/** A find command as options of the query. */
export function toFindOptions(body: Document): FindOptions {
  return {
    filter: (body['filter'] ?? {}) as Document,
    sort: toSortSpec(body['sort']),
    skip: count(body, 'skip'),
    limit: count(body, 'limit'),
    hint: body['hint'],
    ...(body['let'] ? { variables: toVariables(body['let']) as Document } : {}),
  };
}

function openCursor({ cursors, session, transaction }: CommandRun, namespace: string, batches: Batches): bigint {
  const { id } = cursors.open(namespace, batches, session, transaction?.number ?? null);
  transaction?.atEnd.push(() => cursors.close(id));
  return id;
}

/** The first batch of `batches`, with a cursor when there is more. */
export async function firstBatch(run: CommandRun, namespace: string, batches: Batches, size: number): Promise<Reply> {
  const { documents, isDone, resumeToken } = await batches.next(size, 0);
  const id = isDone ? 0n : openCursor(run, namespace, batches);
  const token = resumeToken ? { postBatchResumeToken: resumeToken } : {};
  return { document: {}, batch: { field: 'firstBatch', documents, id, namespace, ...token } };
}

/** `find`. */
export async function find(run: CommandRun): Promise<Reply> {
  const { body } = run;
  const options = toFindOptions(body);
  const project = compileProjection(body['projection'], options.filter);
  const collection = run.engine.collection(run.unit, run.namespace);
  if (!collection) return firstBatch(run, run.namespace, listBatches([]), FIRST_BATCH);
  const documents = openScan(run, collection, { ...options, collation: body['collation'] });
  const batches = scanBatches(documents, (stored) => (project ? encode(project(stored.document)) : stored.bytes));
  const size = typeof body['batchSize'] === 'number' ? body['batchSize'] : FIRST_BATCH;
  const reply = await firstBatch(run, run.namespace, batches, size);
  if (body['singleBatch'] !== true || !reply.batch) return reply;
  run.cursors.close(reply.batch.id);
  return { ...reply, batch: { ...reply.batch, id: 0n } };
}
