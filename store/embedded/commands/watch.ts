import { runStages } from '../aggregate/stages.ts';
import { toRecordKey } from '../collection/record-key.ts';
import type { Batches } from '../cursors/cursors.ts';
import type { LoggedChange } from '../engine/change-log.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, decode, encode } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { firstBatch } from './find.ts';

const READ_AHEAD = 500;

function toToken(sequence: number): Document {
  return { _data: sequence.toString(16).padStart(16, '0') };
}

function fromToken(token: unknown): number {
  const data = (token as Document | undefined)?.['_data'];
  if (typeof data !== 'string' || !/^[0-9a-f]{16}$/.test(data))
    throw new MongoError('BadValue', 'The resume token is not one of this store');
  return Number.parseInt(data, 16);
}

/** Which namespaces a stream sees: one collection, one database, or all. */
function scopeOf(run: CommandRun, stage: Document): (namespace: string) => boolean {
  if (stage['allChangesForCluster'] === true) return () => true;
  if (run.body['aggregate'] === 1) return (namespace) => namespace.startsWith(`${run.database}.`);
  const own = run.namespace;
  return (namespace) => namespace === own;
}

function startOf(run: CommandRun, stage: Document): number {
  const { changes } = run.engine;
  const token = stage['resumeAfter'] ?? stage['startAfter'];
  const time = stage['startAtOperationTime'];
  const start = token !== undefined ? fromToken(token) : time !== undefined ? changes.before(time) : changes.durable;
  if (!changes.isKept(start) && start !== changes.durable)
    throw new MongoError('ChangeStreamHistoryLost', 'The changes after this resume token are no longer kept', {
      errorLabels: ['NonResumableChangeStreamError'],
    });
  return start;
}

function toEvent(run: CommandRun, stage: Document, change: LoggedChange): Document {
  const { namespace } = change;
  const dot = namespace.indexOf('.');
  const collection = namespace.slice(dot + 1);
  const event: Document = {
    _id: toToken(change.sequence),
    operationType: change.operation,
    clusterTime: change.time,
    wallTime: change.wall,
    ns: { db: namespace.slice(0, dot), ...(collection ? { coll: collection } : {}) },
  };
  if (change.transaction) Object.assign(event, change.transaction);
  if (change.id !== undefined) event['documentKey'] = { _id: change.id };
  if (change.bytes) event['fullDocument'] = decode(change.bytes);
  if (change.description) event['updateDescription'] = change.description;
  if (change.operation === 'update' && stage['fullDocument'] !== undefined && stage['fullDocument'] !== 'default')
    event['fullDocument'] = current(run, change);
  return event;
}

function current(run: CommandRun, change: LoggedChange): Document | null {
  const collection = run.engine.catalog.find(change.namespace);
  const bytes = collection && run.engine.disk.get(collection.id + toRecordKey(change.id));
  return bytes ? decode(bytes) : null;
}

function invalidate(change: LoggedChange): Document {
  return {
    _id: toToken(change.sequence),
    operationType: 'invalidate',
    clusterTime: change.time,
    wallTime: change.wall,
  };
}

/** Opens a change stream: `aggregate` with `$changeStream` first. MongoError ChangeStreamHistoryLost. */
export function watch(run: CommandRun, pipeline: readonly Document[], size: number): Promise<Reply> {
  const stage = pipeline[0]?.['$changeStream'] as Document;
  const sees = scopeOf(run, stage);
  const endsWith = run.body['aggregate'] === 1 ? 'dropDatabase' : 'drop';
  let position = startOf(run, stage);
  const read = (count: number): { documents: Uint8Array[]; isDone: boolean } => {
    const documents: Uint8Array[] = [];
    while (documents.length < count) {
      const [change] = changes.after(position, 1);
      if (!change) break;
      position = change.sequence;
      if (!sees(change.namespace)) continue;
      const ends = change.operation === endsWith && stage['allChangesForCluster'] !== true;
      const events = [toEvent(run, stage, change), ...(ends ? [invalidate(change)] : [])];
      documents.push(...runStages(events, pipeline.slice(1), new Map(), run.body['let']).map(encode));
      if (ends) return { documents, isDone: true };
    }
    return { documents, isDone: false };
  };
  const { changes } = run.engine;
  const batches: Batches = {
    async next(count, maxTimeMs) {
      const deadline = Date.now() + maxTimeMs;
      for (;;) {
        if (!changes.isKept(position) && position !== changes.durable) startOf(run, { resumeAfter: toToken(position) });
        const { documents, isDone } = read(Math.min(count, READ_AHEAD));
        const left = deadline - Date.now();
        if (documents.length > 0 || isDone || left <= 0 || changes.isClosed)
          return { documents, isDone, resumeToken: toToken(position) };
        await changes.wait(left);
      }
    },
  };
  return firstBatch(run, run.body['aggregate'] === 1 ? `${run.database}.$cmd.aggregate` : run.namespace, batches, size);
}
