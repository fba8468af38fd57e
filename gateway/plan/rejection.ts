import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { AppError, ERRORS, type ErrorCode } from '../../lib/errors.ts';
import { OperationRejected } from '../engine.ts';

/** An operation refused with one error of the table. */
export function rejection(
  code: ErrorCode,
  message: string,
  details: { extensions?: Record<string, unknown>; locations?: GraphQLFormattedError['locations'] | undefined } = {},
): OperationRejected {
  const { extensions, locations } = details;
  const error = { message, ...(locations ? { locations } : {}), extensions: { code, ...extensions } };
  return new OperationRejected([error], ERRORS[code].status);
}

/**
 * The first of what graphql-js found, as one error: a query of 1 kB must not earn an answer of 15 kB. Suggestions are
 * removed, since they hand the schema to whoever guesses.
 */
export function rejectionOf(code: ErrorCode, errors: readonly GraphQLError[]): OperationRejected {
  const [first] = errors;
  const text = first?.message.replace(/ ?Did you mean [\s\S]*$/, '') ?? 'The operation is not valid.';
  const message = errors.length > 1 ? `${shorten(text)} (and others)` : shorten(text);
  return rejection(code, message, { locations: first?.locations?.slice(0, 1) });
}

/** Any failure of the preparation as what the caller is told; nothing but an AppError's own text is shown. */
export function toRejection(error: unknown): OperationRejected {
  if (error instanceof OperationRejected) return error;
  if (error instanceof AppError) return rejection(error.code, error.message, { extensions: { ...error.extensions } });
  return rejection('INTERNAL', 'Something failed inside.');
}

function shorten(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
