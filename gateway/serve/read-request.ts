import type { IncomingMessage } from 'node:http';
import { isUtf8Type, parseMediaType } from './media-type.ts';
import { type BodyLimits, parseJson, readBytes } from './read-body.ts';
import { methodNotAllowed, Refusal } from './refusal.ts';

/** Headers that no page of another origin can send without a preflight, which we never grant. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];

function checkContentType(header: string | undefined): void {
  // What nearly all clients send, and need not be read.
  if (header === 'application/json') return;
  const type = parseMediaType(header ?? '');
  if (type.essence !== 'application/json' || !isUtf8Type(type)) {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.', {
      'accept-post': 'application/json',
    });
  }
}

async function readPost(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  checkContentType(request.headers['content-type']);
  return parseJson(await readBytes(request, limits));
}

function parseParameter(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('BAD_REQUEST', `"${name}" is not JSON.`);
  }
}

function readGet(request: IncomingMessage): Record<string, unknown> {
  const { headers, url = '' } = request;
  if (headers['content-type'] !== undefined) checkContentType(headers['content-type']);
  else if (!PREFLIGHT_HEADERS.some((name) => headers[name])) {
    throw new Refusal('BAD_REQUEST', `A GET needs the header ${PREFLIGHT_HEADERS.join(' or ')}.`);
  }
  const search = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions', 'documentId']) {
    const [text, ...others] = search.getAll(name);
    if (others.length > 0) throw new Refusal('BAD_REQUEST', `"${name}" is given more than once.`);
    if (text === undefined || (text === '' && name !== 'query')) continue;
    params[name] = name === 'variables' || name === 'extensions' ? parseParameter(name, text) : text;
  }
  return params;
}

/**
 * The JSON in an HTTP request: an object, or of a POST whatever it sent. Throws AppError for all that is wrong with the
 * request's method, headers or body.
 */
export async function readRequest(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  if (request.method === 'POST') return readPost(request, limits);
  if (request.method === 'GET') return readGet(request);
  throw methodNotAllowed('GET, POST');
}
