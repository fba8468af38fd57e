import { AppError } from '../../lib/errors.ts';
import type { GraphQLRequest } from '../engine.ts';
import { Refusal } from './refusal.ts';

/** A GraphQL request as it was sent, by its JSON types. */
export interface Params extends Pick<GraphQLRequest, 'operationName' | 'variables' | 'extensions'> {
  /** Null when the document is asked for by its id or hash. */
  readonly query: string | null;
  /** `documentId`: a trusted document (GraphQL over HTTP, appendix on persisted documents). */
  readonly documentId: string | null;
  /** `extensions.persistedQuery.sha256Hash`, in lower case. */
  readonly hash: string | null;
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

function cursorOf(extensions: Readonly<Record<string, unknown>>): string | null {
  const cursor = Object.hasOwn(extensions, 'cursor') ? extensions['cursor'] : null;
  if (cursor === null || isText(cursor)) return cursor;
  throw new AppError('CURSOR_INVALID', 'The cursor is not one of this subscription.');
}

const SHA256 = /^[0-9a-f]{64}$/i;

function hashOf(extensions: Readonly<Record<string, unknown>>): string | null {
  const persisted = Object.hasOwn(extensions, 'persistedQuery') ? extensions['persistedQuery'] : null;
  if (persisted === null || persisted === undefined) return null;
  if (!isRecord(persisted) || persisted['version'] !== 1) throw bad('"persistedQuery" must be of version 1.');
  const hash = persisted['sha256Hash'];
  if (!isText(hash) || !SHA256.test(hash)) throw bad('"sha256Hash" must be a SHA-256 in hexadecimal.');
  return hash.toLowerCase();
}

/** The parameters of one request, by their JSON types. AppError BAD_REQUEST for anything else. */
export function toParams(value: unknown): Params {
  if (!isRecord(value)) throw bad('The request is not a JSON object.');
  const operationName = optional(value['operationName'], isText, '"operationName" must be a text.');
  const variables = optional(value['variables'], isRecord, '"variables" must be an object.');
  const extensions = optional(value['extensions'], isRecord, '"extensions" must be an object.');
  const documentId = optional(value['documentId'], isText, '"documentId" must be a text.') || null;
  const hash = extensions && hashOf(extensions);
  const isElsewhere = documentId !== null || hash !== null;
  const { query } = value;
  // Over graphql-transport-ws a query must be there, so a client that asks by id sends an empty one.
  if (!isText(query) && !(isElsewhere && (query === undefined || query === null))) throw bad('"query" must be a text.');
  return {
    query: isElsewhere && (query === '' || !isText(query)) ? null : (query as string),
    documentId,
    hash,
    operationName,
    variables,
    extensions,
    cursor: extensions && cursorOf(extensions),
  };
}
