import type { CommandRun, Reply } from '../commands/command-run.ts';
import { RetryableWrite } from '../engine/retryable-write.ts';
import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import type { CommandSpec } from './dispatch.ts';

/** Only writes of one document each can be told apart when they are sent again. */
function refuseMulti(body: Document): void {
  const { updates, deletes } = body;
  const isMulti = Array.isArray(updates) && updates.some((it) => it?.multi === true);
  if (!isMulti && (!Array.isArray(deletes) || deletes.every((it) => it?.limit === 1))) return;
  throw new MongoError('InvalidOptions', 'Cannot use (or request) retryable writes with multi=true');
}

/** Runs a write and commits it. */
export async function runWrite(run: CommandRun, spec: CommandSpec): Promise<Reply> {
  const reply = await spec.handle(run);
  await run.commit();
  return reply;
}

/** Runs a write of which a statement done before, under the same number, is not done again: it is answered as it was. */
export async function runRetryable(
  run: CommandRun,
  spec: CommandSpec,
  { session, txnNumber }: { readonly session: string; readonly txnNumber: number },
): Promise<Reply> {
  refuseMulti(run.body);
  const retry = new RetryableWrite(run, session, txnNumber);
  // What was done before can be seen, but may not be on disk yet.
  const settled = retry.isRetried ? run.engine.disk.settled() : Promise.resolve();
  if (retry.reply) {
    await settled;
    return { document: retry.reply };
  }
  run.retry = retry;
  const reply = await spec.handle(run);
  if (!spec.hasStatements) retry.noteReply(reply.document);
  await Promise.all([run.commit(), settled]);
  return reply;
}
