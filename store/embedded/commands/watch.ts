import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import { ChangeStream } from '../watch/change-stream.ts';
import { type StreamOptions, toStreamOptions } from '../watch/stream-options.ts';
import { checkStreamStages } from '../watch/stream-pipeline.ts';
import { type StreamScope, toScope } from '../watch/stream-scope.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { firstBatch } from './find.ts';

function scopeOf(run: CommandRun, { isClusterWide, isExpanded }: StreamOptions): StreamScope {
  const isWhole = run.body['aggregate'] === 1;
  if (isClusterWide) {
    if (isWhole && run.database === 'admin') return toScope(null, null, isExpanded);
    throw new MongoError(
      'InvalidOptions',
      "A $changeStream with 'allChangesForCluster:true' may only be opened on the 'admin' database, and with no collection name.",
    );
  }
  if (!isWhole) return toScope(run.database, run.namespace.slice(run.database.length + 1), isExpanded);
  if (['admin', 'local', 'config'].includes(run.database))
    throw new MongoError(
      'InvalidNamespace',
      `$changeStream may not be opened on the internal ${run.database} database`,
    );
  return toScope(run.database, null, isExpanded);
}

function refuseConcern(run: CommandRun): void {
  if (run.transaction)
    throw new MongoError(
      'OperationNotSupportedInTransaction',
      '$changeStream can not be used in a multi-document transaction',
    );
  const level = run.body['readConcern']?.['level'] ?? 'majority';
  if (level !== 'majority')
    throw new MongoError(
      'InvalidOptions',
      `$changeStream cannot run with a readConcern other than 'majority': ${level}`,
    );
}

/** Opens a change stream: `aggregate` with `$changeStream` first. MongoError ChangeStreamHistoryLost. */
export function watch(run: CommandRun, pipeline: readonly Document[], size: number): Promise<Reply> {
  refuseConcern(run);
  const options = toStreamOptions(pipeline[0]?.['$changeStream']);
  const stages = pipeline.slice(1);
  checkStreamStages(stages);
  const scope = scopeOf(run, options);
  const stream = new ChangeStream({ engine: run.engine, scope, options, stages, variables: run.body['let'] });
  const namespace = run.body['aggregate'] === 1 ? `${run.database}.$cmd.aggregate` : run.namespace;
  return firstBatch(run, namespace, stream, size);
}
