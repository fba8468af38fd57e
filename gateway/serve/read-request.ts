import type { IncomingMessage } from 'node:http';
import { isUtf8Type, parseMediaType } from './media-type.ts';
import { type Params, toParams } from './params.ts';
import { type BodyLimits, parseJson, readBytes } from './read-body.ts';
import { methodNotAllowed, Refusal } from './refusal.ts';

/** Headers that no page of another origin can send without a preflight, which we never grant. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];

function checkContentType(header: string | undefined): void {
  const type = parseMediaType(header ?? '');
  if (type.essence !== 'application/json' || !isUtf8Type(type)) {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.', {
      'accept-post': 'application/json',
    });
  }
}

async function readPost(request: IncomingMessage, limits: BodyLimits): Promise<Params> {
  checkContentType(request.headers['content-type']);
  return toParams(parseJson(await readBytes(request, limits)));
}

function parseParameter(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('BAD_REQUEST', `"${name}" is not JSON.`);
  }
}

function readGet(request: IncomingMessage): Params {
  const { headers, url = '' } = request;
  if (headers['content-type'] !== undefined) checkContentType(headers['content-type']);
  else if (!PREFLIGHT_HEADERS.some((name) => headers[name])) {
    throw new Refusal('BAD_REQUEST', `A GET needs the header ${PREFLIGHT_HEADERS.join(' or ')}.`);
  }
  const search = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const [text, ...others] = search.getAll(name);
    if (others.length > 0) throw new Refusal('BAD_REQUEST', `"${name}" is given more than once.`);
    if (text === undefined || (text === '' && name !== 'query')) continue;
    params[name] = name === 'variables' || name === 'extensions' ? parseParameter(name, text) : text;
  }
  return toParams(params);
}

/** Step 1: the GraphQL request in an HTTP request. Throws AppError for whatever is wrong with its method, headers or body. */
export async function readRequest(request: IncomingMessage, limits: BodyLimits): Promise<Params> {
  if (request.method === 'POST') return readPost(request, limits);
  if (request.method === 'GET') return readGet(request);
  throw methodNotAllowed('GET, POST');
}
