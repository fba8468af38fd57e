import { AppError } from '../../../lib/errors.ts';

/** One look at a URL. */
export interface SupergraphRequest {
  readonly url: string;
  /** Sent with every request, for servers that ask for a key. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of what is known already; null when nothing is. */
  readonly etag: string | null;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  /** Bytes of the body, after inflation. */
  readonly maxBytes: number;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

/** What was found. */
export interface FetchedSupergraph {
  readonly text: string;
  readonly etag: string | null;
}

/**
 * Fetches a supergraph (RFC 9110 §13.1.2: `If-None-Match`). AppError SCHEMA_UNAVAILABLE when the server does not answer 200 or
 * 304 in time and within the limit; the message names origin and path of the URL, no credentials and no query.
 */
export async function fetchSupergraph(request: SupergraphRequest): Promise<FetchedSupergraph | 'unchanged'> {
  const { url, headers, etag, timeoutMs, maxBytes, signal } = request;
  const accept = 'application/graphql, text/plain;q=0.9, */*;q=0.5';
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await request.fetch(url, {
      headers: { accept, ...(etag === null ? {} : { 'if-none-match': etag }), ...headers },
      signal: AbortSignal.any([signal, timeout]),
    });
    if (response.status === 304 && etag !== null) {
      await response.body?.cancel();
      return 'unchanged';
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw unavailable(url, `answered ${response.status}`);
    }
    const text = await readText(response, maxBytes, url);
    return { text, etag: response.headers.get('etag') };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw unavailable(url, timeout.aborted ? `did not answer within ${timeoutMs} ms` : 'did not answer', cause);
  }
}

async function readText(response: Response, maxBytes: number, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw unavailable(url, `answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unavailable(url: string, what: string, cause?: unknown): AppError {
  return new AppError('SCHEMA_UNAVAILABLE', `The supergraph at ${shown(url)} ${what}.`, { cause });
}

function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
