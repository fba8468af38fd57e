import { AppError } from '../../lib/errors.ts';
import type { GraphQLRequest } from '../engine.ts';
import { Refusal } from './refusal.ts';

/** A GraphQL request with what of its extensions is ours. */
export interface Params {
  readonly request: GraphQLRequest;
  /** `extensions.cursor`: where a subscription resumes. */
  readonly cursor: string | null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}

function optional<T>(value: unknown, is: (value: unknown) => value is T, message: string): T | null {
  if (value === undefined || value === null) return null;
  if (!is(value)) throw bad(message);
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function cursorOf(extensions: Record<string, unknown> | null): string | null {
  const cursor = extensions && Object.hasOwn(extensions, 'cursor') ? extensions['cursor'] : null;
  if (cursor === null || isText(cursor)) return cursor;
  throw new AppError('CURSOR_INVALID', 'The cursor is not one of this subscription.');
}

/** The parameters of a request, by their JSON types. AppError BAD_REQUEST for anything else, a batch included. */
export function toParams(value: unknown): Params {
  if (Array.isArray(value)) throw bad('Batches are not served: send one operation a request.');
  if (!isRecord(value)) throw bad('The request is not a JSON object.');
  const { query } = value;
  if (!isText(query)) throw bad('"query" must be a text.');
  const operationName = optional(value['operationName'], isText, '"operationName" must be a text.');
  const variables = optional(value['variables'], isRecord, '"variables" must be an object.');
  const extensions = optional(value['extensions'], isRecord, '"extensions" must be an object.');
  return { request: { query, operationName, variables, extensions }, cursor: cursorOf(extensions) };
}
