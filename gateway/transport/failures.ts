import { AppError } from '../../lib/errors.ts';

/** The subgraph could not be reached, is not known here, or the caller went away. */
export function unavailable(subgraph: string, cause?: unknown): AppError {
  return failure('SUBGRAPH_UNAVAILABLE', `The service "${subgraph}" did not answer.`, subgraph, cause);
}

/** The subgraph took longer than it is given. */
export function timedOut(subgraph: string, cause?: unknown): AppError {
  return failure('SUBGRAPH_TIMEOUT', `The service "${subgraph}" did not answer in time.`, subgraph, cause);
}

/** The subgraph answered with something that is not a GraphQL result. `detail` is ours, never the subgraph's text. */
export function invalidResponse(subgraph: string, detail: string, cause?: unknown): AppError {
  return failure(
    'SUBGRAPH_INVALID_RESPONSE',
    `The service "${subgraph}" answered with ${detail}, not with a GraphQL result.`,
    subgraph,
    cause,
  );
}

/** Node's and undici's codes of a connection that was refused, cut, or reused after the other side had closed it. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether the connection failed, as opposed to what came over it. */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONNECTION_CODES.has(String(error.code));
}

function failure(
  code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT' | 'SUBGRAPH_INVALID_RESPONSE',
  message: string,
  subgraph: string,
  cause: unknown,
): AppError {
  return new AppError(code, message, { cause, extensions: { service: subgraph } });
}
