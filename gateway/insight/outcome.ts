import type { GraphQLFormattedError } from 'graphql';
import { AppError, isErrorCode } from '../../lib/errors.ts';
import type { Answer } from '../answer.ts';
import { OperationRejected } from '../engine.ts';

/** How an operation ended. */
export interface Outcome {
  /** `partial`: data and errors. `error`: no data. `refused`: nothing ran. */
  readonly outcome: 'ok' | 'partial' | 'error' | 'refused';
  /** Of the first error, from lib/errors.ts, or `OTHER`: subgraphs may make up codes. Null without errors. */
  readonly code: string | null;
}

/** A code as a label: one of the table, or OTHER. */
export function toBoundedCode(code: unknown): string {
  return isErrorCode(code) ? code : 'OTHER';
}

function codeOf([first]: readonly Pick<GraphQLFormattedError, 'extensions'>[]): string | null {
  return first ? toBoundedCode(first.extensions?.['code']) : null;
}

const OK: Outcome = { outcome: 'ok', code: null };

/** How an answered operation ended. */
export function toOutcome({ errors, hasData }: Pick<Answer, 'errors' | 'hasData'>): Outcome {
  if (errors.length === 0) return OK;
  return { outcome: hasData ? 'partial' : 'error', code: codeOf(errors) };
}

/** How an operation ended that was refused. */
export function toRefusal(error: unknown): Outcome {
  if (error instanceof OperationRejected) return { outcome: 'refused', code: codeOf(error.errors) };
  return { outcome: 'refused', code: error instanceof AppError ? error.code : 'INTERNAL' };
}
