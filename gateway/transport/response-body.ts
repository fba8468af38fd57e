import { isUtf8 } from 'node:buffer';
import type { GraphQLFormattedError } from 'graphql';
import { invalidResponse, unavailable } from './failures.ts';
import type { SubgraphResponse } from './transport.ts';

/** Statuses by which a proxy or an overloaded server says that the service behind it is not there. */
const ABSENT = new Set([429, 502, 503, 504]);

/** All bytes of a response. AppError SUBGRAPH_INVALID_RESPONSE over `limit` bytes, or when it breaks off unaborted. */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  subgraph: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw signal.aborted ? cause : invalidResponse(subgraph, 'a response that breaks off', cause);
  }
  if (size > limit) throw invalidResponse(subgraph, `more than ${limit} bytes`);
  return Buffer.concat(chunks, size);
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
    throw ABSENT.has(status) ? unavailable(subgraph) : invalidResponse(subgraph, `HTTP status ${status} and no result`);
  }
  return {
    ...(hasData ? { data: data as Record<string, unknown> | null } : {}),
    ...(hasErrors ? { errors } : {}),
  };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
