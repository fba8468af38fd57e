import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { AppError, isErrorCode } from '../../lib/errors.ts';
import { toStoreFailure } from '../../store/store-failure.ts';

/** An error as a caller may see it, and whether it has to be logged because they may not see what it was. */
export interface MaskedError {
  readonly shown: GraphQLFormattedError;
  readonly unexpected: boolean;
}

/**
 * What a caller is told of an error: an AppError, and a value that GraphQL itself refused (BAD_USER_INPUT), keep their message;
 * anything else becomes INTERNAL and says nothing. An outage of the database is named, and logged as well.
 */
export function maskError(error: GraphQLError): MaskedError {
  const cause = causeOf(error);
  if (cause instanceof AppError && cause.code !== 'INTERNAL')
    return expected(error, cause.message, { ...cause.extensions, code: cause.code });
  const outage = toStoreFailure(cause);
  if (outage) return { shown: format(error, outage.message, { code: outage.code }), unexpected: true };
  const code = cause instanceof GraphQLError ? codeOf(cause, error) : null;
  if (code !== null) return expected(error, error.message, { code });
  return { shown: format(error, 'Something failed inside.', { code: 'INTERNAL' }), unexpected: true };
}

function expected(error: GraphQLError, message: string, extensions: Record<string, unknown>): MaskedError {
  return { shown: format(error, message, extensions), unexpected: false };
}

function format(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLFormattedError {
  return { message, ...(error.path ? { path: error.path } : {}), extensions };
}

/** The innermost error: graphql-js wraps what a resolver throws to say where. */
function causeOf(error: GraphQLError): unknown {
  let current: unknown = error;
  while (current instanceof GraphQLError && current.originalError) current = current.originalError;
  return current;
}

function codeOf(cause: GraphQLError, error: GraphQLError): string | null {
  const code = cause.extensions['code'] ?? error.extensions['code'];
  if (isErrorCode(code) && code !== 'INTERNAL') return code;
  return isRefusedInput(error) ? 'BAD_USER_INPUT' : null;
}

/** graphql-js blames a variable's definition or an argument's value for bad input, and a field for a bad result. */
function isRefusedInput(error: GraphQLError): boolean {
  const kind = error.nodes?.[0]?.kind;
  return kind !== undefined && kind !== Kind.FIELD && kind !== Kind.OPERATION_DEFINITION;
}
