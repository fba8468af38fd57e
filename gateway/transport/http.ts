import { Pool } from 'undici';
import type { ClientTls } from '../../lib/client-tls.ts';
import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { IDENTITY_HEADER } from '../../lib/subgraph-identity.ts';
import { type ExchangeNotes, newNotes, reportExchange } from './exchange-notes.ts';
import { isConnectionFailure, timedOut, unavailable } from './failures.ts';
import { toRequestBody } from './request-body.ts';
import { readBounded, toSubgraphResponse } from './response-body.ts';
import type { RawResponse, SubgraphRequest, SubgraphTransport } from './transport.ts';

/** A subgraph that answers over HTTP. */
export interface HttpSubgraph {
  readonly url: string;
  /** Whether it is told who acts. Only for services of ours: the signed identity opens every door they have. */
  readonly trusted: boolean;
  /** Milliseconds for the whole exchange, a second try included. @default 10 000 */
  readonly timeoutMs?: number;
}

/** What the HTTP transport is made of. */
export interface HttpTransportOptions {
  readonly subgraphs: Readonly<Record<string, HttpSubgraph>>;
  /** The identity as a token for one subgraph. Absent: no subgraph is told who acts. */
  readonly sign?: (identity: Identity, subgraph: string) => Promise<string>;
  /** Bytes of one response. @default 10 000 000 */
  readonly maxResponseBytes?: number;
  /** Kept-alive connections to one subgraph. @default 64 */
  readonly connections?: number;
  /** For subgraphs over https: who vouches for them instead of those Node knows, and our own certificate. */
  readonly tls?: ClientTls;
  readonly logger?: Logger;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RESPONSE_BYTES = 10_000_000;
const DEFAULT_CONNECTIONS = 64;

/** One subgraph's connections and how it is spoken to. */
interface Target {
  readonly pool: Pool;
  readonly path: string;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly sign: HttpTransportOptions['sign'];
}

function toTarget(subgraph: HttpSubgraph, options: HttpTransportOptions): Target {
  const { origin, pathname, search } = new URL(subgraph.url);
  const connections = options.connections ?? DEFAULT_CONNECTIONS;
  return {
    pool: new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 30_000, connect: { ...options.tls } }),
    path: pathname + search,
    timeoutMs: subgraph.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxResponseBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    sign: subgraph.trusted ? options.sign : undefined,
  };
}

/** One request on its way. */
interface Call {
  readonly request: SubgraphRequest;
  readonly target: Target;
  readonly notes: ExchangeNotes;
}

async function toHeaders(request: SubgraphRequest, { sign }: Target): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'x-request-id': request.requestId,
  };
  if (sign && request.identity) headers[IDENTITY_HEADER] = await sign(request.identity, request.subgraph);
  return headers;
}

async function exchange(call: Call, signal: AbortSignal): Promise<RawResponse> {
  const { request, target, notes } = call;
  const [headers, requestBody] = [await toHeaders(request, target), toRequestBody(request)];
  notes.attempts += 1;
  notes.sentBytes = Buffer.byteLength(requestBody);
  const { statusCode, body } = await target.pool.request({
    method: 'POST',
    path: target.path,
    headers,
    body: requestBody,
    signal,
  });
  const bytes = await readBounded(body, target.maxResponseBytes, request.subgraph, signal);
  notes.status = statusCode;
  notes.receivedBytes = bytes.byteLength;
  return { status: statusCode, bytes };
}

/** A query whose connection failed before any answer is sent once more. */
async function exchangeOrRetry(call: Call, signal: AbortSignal): Promise<RawResponse> {
  try {
    return await exchange(call, signal);
  } catch (error) {
    if (call.request.operation.kind !== 'query' || !isConnectionFailure(error) || signal.aborted) throw error;
    call.notes.verdicts.push('retried');
    return exchange(call, signal);
  }
}

async function exchangeInTime(call: Call): Promise<RawResponse> {
  const { request, target } = call;
  const timeout = AbortSignal.timeout(target.timeoutMs);
  try {
    return await exchangeOrRetry(call, AbortSignal.any([request.signal, timeout]));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const isLate = timeout.aborted && !request.signal.aborted;
    throw isLate ? timedOut(request.subgraph, cause) : unavailable(request.subgraph, cause);
  }
}

/**
 * Reaches subgraphs over HTTP/1.1 on kept-alive connections, a pool for each.
 * A query whose connection fails is sent once more; a mutation is sent exactly once.
 */
export function createHttpTransport(
  options: HttpTransportOptions,
): SubgraphTransport & Pick<Required<SubgraphTransport>, 'sendRaw'> {
  const { logger = silentLogger } = options;
  const targets = new Map(
    Object.entries(options.subgraphs).map(([name, subgraph]) => [name, toTarget(subgraph, options)]),
  );

  /** Sends, reads the answer as `read` does, and tells how it went. */
  async function run<Result>(request: SubgraphRequest, read: (raw: RawResponse) => Result): Promise<Result> {
    const [notes, began] = [newNotes(), performance.now()];
    try {
      const target = targets.get(request.subgraph);
      if (!target || request.signal.aborted) throw unavailable(request.subgraph, request.signal.reason);
      const result = read(await exchangeInTime({ request, target, notes }));
      reportExchange(request, notes, began, null);
      return result;
    } catch (error) {
      logger.warn({ subgraph: request.subgraph, requestId: request.requestId, err: error }, 'subgraph call failed');
      reportExchange(request, notes, began, error);
      throw error;
    }
  }

  return {
    send: (request) => run(request, ({ status, bytes }) => toSubgraphResponse(status, bytes, request.subgraph)),
    sendRaw: (request) => run(request, (raw) => raw),
    async close() {
      await Promise.all([...targets.values()].map(({ pool }) => pool.destroy()));
    },
  };
}
