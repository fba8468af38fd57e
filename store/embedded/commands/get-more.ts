import { Long } from 'bson';
import { toCursorId } from '../cursors/cursors.ts';
import { MongoError } from '../mongo-error.ts';
import type { CommandRun, Reply } from './command-run.ts';

/** Milliseconds an awaiting getMore waits when the client names no limit. */
const DEFAULT_WAIT_MS = 1000;
const ALL = 1_000_000;

/** `getMore`. MongoError CursorNotFound. */
export async function getMore(run: CommandRun): Promise<Reply> {
  const { body } = run;
  const cursor = run.cursors.get(toCursorId(body['getMore']));
  const { namespace } = cursor;
  const isOwn = cursor.transaction === null || cursor.session === run.session;
  if (!isOwn || cursor.transaction !== (run.transaction?.number ?? null))
    throw new MongoError('CursorNotFound', 'The cursor was opened in another transaction, or outside this one');
  const size = typeof body['batchSize'] === 'number' && body['batchSize'] > 0 ? body['batchSize'] : ALL;
  const wait = typeof body['maxTimeMS'] === 'number' ? body['maxTimeMS'] : DEFAULT_WAIT_MS;
  const { documents, isDone, resumeToken } = await cursor.batches.next(size, wait);
  if (isDone) run.cursors.close(cursor.id);
  const token = resumeToken ? { postBatchResumeToken: resumeToken } : {};
  return { document: {}, batch: { field: 'nextBatch', documents, id: isDone ? 0n : cursor.id, namespace, ...token } };
}

/** `killCursors`. */
export function killCursors(run: CommandRun): Reply {
  const ids = (run.body['cursors'] as unknown[]).map(toCursorId);
  const killed = ids.filter((id) => run.cursors.close(id));
  const missing = ids.filter((id) => !killed.includes(id));
  const toLongs = (list: bigint[]) => list.map((id) => Long.fromBigInt(id));
  return {
    document: {
      cursorsKilled: toLongs(killed),
      cursorsNotFound: toLongs(missing),
      cursorsAlive: [],
      cursorsUnknown: [],
    },
  };
}
