import type { ClientTls } from '../../../lib/client-tls.ts';
import { AppError } from '../../../lib/errors.ts';
import type { Call, Exchange, Reply } from '../call.ts';
import { invalidResponse, unavailable } from '../failures.ts';
import { ACCEPTED_ENCODINGS, inflate } from '../inflate.ts';
import type { Traffic } from '../traffic.ts';
import { ConnectionError, type RequestBytes } from './connection.ts';
import { toOrigin } from './dial.ts';
import { Pool } from './pool.ts';
import { ProtocolError } from './protocol-error.ts';
import type { HttpResponse } from './response-reader.ts';

/** One subgraph over HTTP/1.1. */
export interface HttpExchangeOptions {
  readonly url: URL;
  readonly traffic: Traffic;
  readonly tls: ClientTls;
  /** Header lines that every request has. */
  readonly fixedHeaders: string;
}

/** The part of each request's head that never changes. */
function toHeadStart({ url, traffic, fixedHeaders }: HttpExchangeOptions): string {
  const encodings = traffic.compression ? `accept-encoding: ${ACCEPTED_ENCODINGS}\r\n` : '';
  return (
    `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n` +
    'content-type: application/json\r\naccept: application/graphql-response+json, application/json;q=0.9\r\n' +
    `${encodings}${fixedHeaders}`
  );
}

const LATIN1_ONLY = /[\x80-\xff]/;

/** The whole request as one write. Text in one byte a character is written as it is; heads are Latin-1, bodies UTF-8. */
function toBytes(headStart: string, { headers, marks, body }: Call, size: number): RequestBytes {
  const head = `${headStart}${headers}${marks}content-length: ${size}\r\n\r\n`;
  if (size === body.length) return { text: head + body, encoding: 'latin1' };
  if (!LATIN1_ONLY.test(head)) return { text: head + body, encoding: 'utf8' };
  return { text: Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body, 'utf8')]), encoding: 'utf8' };
}

/** A failure of ours for one of the connection's or the protocol's. */
function toFailure(subgraph: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ProtocolError) {
    const fault = error.kind === 'size' ? 'size' : 'broken';
    const detail = fault === 'size' ? error.message : 'a response that breaks off or is malformed';
    return invalidResponse(subgraph, detail, { fault, cause: error });
  }
  if (error instanceof ConnectionError && error.hadResponse)
    return invalidResponse(subgraph, 'a response that breaks off', { fault: 'broken', cause: error });
  return unavailable(subgraph, error);
}

function toReply(call: Call, { head, body }: HttpResponse, maxBytes: number): Reply | Promise<Reply> {
  const { status, contentType, contentEncoding, retryAfter } = head;
  call.notes.status = status;
  call.notes.receivedBytes = body.byteLength;
  if (contentEncoding === null) return { status, bytes: body, contentType, retryAfter };
  return inflate(body, { encoding: contentEncoding, maxBytes, subgraph: call.request.subgraph }).then((bytes) => ({
    status,
    bytes,
    contentType,
    retryAfter,
  }));
}

/** Whether the server closed a kept connection as the request went out: it has not looked at it, and may be asked again. */
function isStale(error: unknown): boolean {
  return error instanceof ConnectionError && error.wasReused && !error.hadResponse;
}

/**
 * Exchanges over a pool of connections to the subgraph's origin. Redirects are not followed. A query that met a connection
 * which the server was just closing is sent over another at once.
 */
export function createHttpExchange(options: HttpExchangeOptions): { exchange: Exchange; close(): void } {
  const { url, traffic, tls } = options;
  const headStart = toHeadStart(options);
  const maxBytes = traffic.maxResponseBytes;
  const pool = new Pool({ ...traffic, origin: toOrigin(url), tls, maxBytes });

  async function exchange(call: Call): Promise<Reply> {
    const { lifetime, notes, request } = call;
    const size = Buffer.byteLength(call.body);
    const bytes = toBytes(headStart, call, size);
    notes.attempts += 1;
    notes.sentBytes = size;
    try {
      const response = await pool.send({ bytes, lifetime }).catch((error) => {
        if (request.operation.kind !== 'query' || !isStale(error)) throw error;
        notes.attempts += 1;
        notes.verdicts.push('stale-connection');
        return pool.send({ bytes, lifetime, fresh: true });
      });
      return await toReply(call, response, maxBytes);
    } catch (error) {
      throw toFailure(request.subgraph, error);
    }
  }

  return { exchange, close: () => pool.close() };
}
