import { isUtf8 } from 'node:buffer';
import type { GraphQLFormattedError } from 'graphql';
import { invalidResponse, type SubgraphFailure, unavailable } from './failures.ts';
import type { SubgraphResponse } from './transport.ts';

/** Statuses by which a proxy or an overloaded server says that the service behind it is not there. */
const ABSENT = new Set([429, 502, 503, 504] as const);

/** One of those statuses. */
export type AbsentStatus = typeof ABSENT extends Set<infer Status> ? Status : never;

/** Whether a status says that the service behind it is not there, or not for now. */
export function isAbsence(status: number): status is AbsentStatus {
  return (ABSENT as ReadonlySet<number>).has(status);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isErrorList(value: unknown): value is GraphQLFormattedError[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((error) => isObject(error) && typeof error['message'] === 'string')
  );
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The GraphQL result in a response body, whatever the status: a subgraph may answer errors with any.
 * AppError SUBGRAPH_UNAVAILABLE for a bare 429, 502, 503 or 504, SUBGRAPH_INVALID_RESPONSE for anything else without a result.
 */
export function toSubgraphResponse(status: number, bytes: Buffer, subgraph: string): SubgraphResponse {
  const value = parseJson(bytes);
  const { data, errors } = isObject(value) ? value : {};
  const hasErrors = isErrorList(errors);
  const hasData = isObject(data) || (data === null && hasErrors);
  if (!(hasData || hasErrors) || (errors !== undefined && errors !== null && !hasErrors && !isEmptyList(errors))) {
    throw noResult(status, subgraph);
  }
  return {
    ...(hasData ? { data: data as Record<string, unknown> | null } : {}),
    ...(hasErrors ? { errors } : {}),
  };
}

/** What an answer without a result means: by its status, that the service is not there, or that it answers something else. */
export function noResult(status: number, subgraph: string, what = 'no result'): SubgraphFailure {
  const cause = new Error(`HTTP status ${status}`);
  if (isAbsence(status)) return unavailable(subgraph, cause);
  return invalidResponse(subgraph, `HTTP status ${status} and ${what}`, { cause });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
