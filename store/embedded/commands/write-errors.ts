import type { StatementOutcome } from '../engine/session-records.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import type { CommandRun } from './command-run.ts';

/** One failed statement, as a write command lists it. */
export function toWriteError(error: unknown, index: number): Document {
  if (!(error instanceof MongoError)) throw error;
  return { index, code: error.code, errmsg: error.message, ...error.extra };
}

/** The statements in a field of a write command. MongoError TypeMismatch when they are none. */
export function statementsIn(run: CommandRun, field: 'updates' | 'deletes'): Document[] {
  const statements = run.body[field];
  if (Array.isArray(statements) && statements.every(isDocument)) return statements;
  throw new MongoError('TypeMismatch', `BSON field '${run.request.name}.${field}' must be an array of documents`);
}

/** What the statements of a write command did together. */
export interface Tally {
  readonly n: number;
  readonly nModified: number;
  /** `upserted` of the answer: where, and which `_id`. */
  readonly upserted: readonly Document[];
  /** The rest of the answer: failed statements, and those that had been done before. */
  readonly rest: Document;
}

function toTally(outcomes: ReadonlyMap<number, StatementOutcome>, errors: Document[], retried: number[]): Tally {
  let [n, nModified] = [0, 0];
  const upserted: Document[] = [];
  for (const [index, outcome] of outcomes) {
    n += outcome.n;
    nModified += outcome.nModified ?? 0;
    if (outcome.upsertedId !== undefined) upserted.push({ index, _id: outcome.upsertedId });
  }
  const failed = errors.length > 0 ? { writeErrors: errors } : {};
  return { n, nModified, upserted, rest: { ...failed, ...(retried.length > 0 ? { retriedStmtIds: retried } : {}) } };
}

/**
 * Runs the statements of a write command in order; with `ordered: false` those after a failed one too. One that was done
 * when the command was sent before is not done again.
 * In a transaction a failure ends the statements whatever `ordered` says: the transaction is over.
 */
export async function eachStatement<Statement>(
  run: CommandRun,
  statements: readonly Statement[],
  execute: (statement: Statement) => Promise<StatementOutcome> | StatementOutcome,
): Promise<Tally> {
  const outcomes = new Map<number, StatementOutcome>();
  const errors: Document[] = [];
  const retried: number[] = [];
  for (const [index, statement] of statements.entries())
    try {
      const earlier = run.retry?.outcomeOf(index);
      const outcome = earlier ?? (await execute(statement));
      outcomes.set(index, outcome);
      if (earlier) retried.push(index);
      else run.retry?.note(index, outcome);
    } catch (error) {
      errors.push(toWriteError(error, index));
      if (run.transaction) run.transaction.hasFailed = true;
      if (run.transaction || run.body['ordered'] !== false) break;
    }
  return toTally(outcomes, errors, retried);
}
