import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { OperationRejected } from '../engine.ts';
import { Refusal } from './refusal.ts';

/** What a client is told of a failure. */
export interface Failure {
  readonly status: number;
  readonly errors: readonly GraphQLFormattedError[];
  readonly headers: Readonly<Record<string, string>>;
}

/** One answer for every way of having no valid token: it tells nothing (RFC 6750 §3.1 allows to leave out why). */
const UNAUTHENTICATED: Failure = {
  status: 401,
  errors: [{ message: 'A valid bearer token is needed.', extensions: { code: 'UNAUTHENTICATED' } }],
  headers: { 'www-authenticate': 'Bearer' },
};

const INTERNAL: Failure = {
  status: 500,
  errors: [{ message: 'Something failed inside.', extensions: { code: 'INTERNAL' } }],
  headers: {},
};

/** graphql-js's own hints name fields of the schema to those who guess. */
function withoutSuggestion(error: GraphQLFormattedError): GraphQLFormattedError {
  return { ...error, message: error.message.replace(/\s*Did you mean[\s\S]*$/, '') };
}

/** A coded error as GraphQL shows it. */
export function toGraphQLError(error: AppError): GraphQLFormattedError {
  return { message: error.message, extensions: { ...error.extensions, code: error.code } };
}

/** What to answer for anything that was thrown. What is not ours is masked, and logged under the request's id. */
export function toFailure(error: unknown, logger: Logger, requestId: string): Failure {
  if (error instanceof OperationRejected) {
    return { status: error.status, errors: error.errors.map(withoutSuggestion), headers: {} };
  }
  if (!(error instanceof AppError)) {
    logger.error({ err: error, requestId }, 'request failed');
    return INTERNAL;
  }
  if (error.code === 'UNAUTHENTICATED') return UNAUTHENTICATED;
  if (error.status >= 500) logger.error({ err: error, requestId, code: error.code }, 'request failed');
  return {
    status: error.status,
    errors: [toGraphQLError(error)],
    headers: error instanceof Refusal ? error.headers : {},
  };
}
