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

const ACCEPT = 'application/graphql, text/plain;q=0.9, */*;q=0.5';
/** RFC 9110 §15.4. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 3;

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
  const { url, etag, timeoutMs, maxBytes, signal } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await followed(request, AbortSignal.any([signal, timeout]));
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

/** Another origin than the one that was named gets none of the headers: there may be a key in them. */
async function followed({ url, headers, etag, fetch }: SupergraphRequest, signal: AbortSignal): Promise<Response> {
  const own = new URL(url);
  const known = { accept: ACCEPT, ...(etag === null ? {} : { 'if-none-match': etag }) };
  let place = own;
  for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
    const sent = place.origin === own.origin ? { ...known, ...headers } : known;
    const response = await fetch(place.href, { headers: sent, redirect: 'manual', signal });
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = nextPlace(location, place);
    if (!next) throw unavailable(url, 'redirects to where it may not');
    place = next;
  }
  throw unavailable(url, `redirects more than ${MAX_REDIRECTS} times`);
}

/** Null for what is no URL of the web, and for one that leads from https to http. */
function nextPlace(location: string, from: URL): URL | null {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : null;
  return next?.protocol === 'https:' || (next?.protocol === 'http:' && from.protocol === 'http:') ? next : null;
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
