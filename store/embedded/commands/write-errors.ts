import { MongoError } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import type { CommandRun } from './command-run.ts';

/** One failed statement, as a write command lists it. */
export function toWriteError(error: unknown, index: number): Document {
  if (!(error instanceof MongoError)) throw error;
  return { index, code: error.code, errmsg: error.message, ...error.extra };
}

/**
 * Runs the statements of a write command in order; with `ordered: false` those after a failed one too.
 * In a transaction a failure ends the statements whatever `ordered` says: the transaction is over.
 */
export async function eachStatement<Statement>(
  run: CommandRun,
  statements: readonly Statement[],
  execute: (statement: Statement, index: number) => Promise<void> | void,
): Promise<Document> {
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries())
    try {
      await execute(statement, index);
    } catch (error) {
      writeErrors.push(toWriteError(error, index));
      if (run.transaction) run.transaction.hasFailed = true;
      if (run.transaction || run.body['ordered'] !== false) break;
    }
  return writeErrors.length > 0 ? { writeErrors } : {};
}
