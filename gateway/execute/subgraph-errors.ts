import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Failure } from './failures.ts';
import { isRecord } from './record.ts';
import type { ResponsePath } from './targets.ts';

/** Extensions that describe a subgraph's inside, in the words of several servers, or that are ours to set. In lower case. */
const PRIVATE = new Set([
  'debug',
  'debuginfo',
  'debugmessage',
  'exception',
  'originalerror',
  'service',
  'servicename',
  'stack',
  'stacktrace',
  'trace',
]);
/** Longer messages are cut: they help nobody. */
const MESSAGE_LIMIT = 2_000;

/** A subgraph's error as clients see it: its message, its extensions without internals, its code, and who said it. */
export function toFailureOf(error: GraphQLFormattedError, subgraph: string): Failure {
  const given = isRecord(error.extensions) ? Object.entries(error.extensions) : [];
  const extensions = Object.fromEntries(given.filter(([key]) => !PRIVATE.has(key.toLowerCase())));
  const message =
    typeof error.message === 'string' && error.message !== ''
      ? error.message.slice(0, MESSAGE_LIMIT)
      : 'A service failed.';
  return { message, extensions: { code: 'INTERNAL', ...extensions, service: subgraph } };
}

/** The error's path when it is one; null for an error about the request as a whole. */
export function pathOf(error: GraphQLFormattedError): ResponsePath | null {
  const { path } = error;
  return Array.isArray(path) && path.length > 0 ? path : null;
}

/** A response without data and without errors. */
export function invalidRoot(subgraph: string): AppError {
  return new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${subgraph} answered without data.`);
}

/** A list of entities that is none, or not as long as the list of representations. */
export function invalidEntities(subgraph: string): AppError {
  return new AppError('SUBGRAPH_INVALID_RESPONSE', `The service ${subgraph} did not answer for every entity.`);
}
