import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StripeFailure } from '../failure.ts';
import { API_VERSION } from '../objects/stripe-object.ts';
import type { ApiAnswer, ApiRequest } from './answer-request.ts';

const BODY_LIMIT = 1_000_000;

/** What the server needs of the rest. */
export interface ServerOptions {
  /** The account of an API key; null when the key is not known. */
  readonly accountOf: (apiKey: string) => string | null;
  readonly newRequestId: () => string;
  readonly answer: (request: ApiRequest) => ApiAnswer;
  /** Resolves once what was answered is on disk: only then is the answer sent. */
  readonly durable: () => Promise<void>;
  /** Told of what is nobody's fault but ours. */
  readonly onError: (error: unknown) => void;
}

/** The HTTP face of the sandbox. */
export function createApiServer(options: ServerOptions): Server {
  return createServer((request, response) => {
    const id = options.newRequestId();
    serve(options, id, request)
      .then((answer) => send(response, id, answer))
      .catch((error: unknown) => {
        const failure = error instanceof StripeFailure ? error : null;
        if (!failure) options.onError(error);
        const shown = failure ?? new StripeFailure(500, 'Something failed in the sandbox.', { type: 'api_error' });
        send(response, id, { status: shown.status, body: shown.toBody(), replayed: false });
      });
  });
}

async function serve(options: ServerOptions, id: string, request: IncomingMessage): Promise<ApiAnswer> {
  const account = options.accountOf(readKey(request));
  if (account === null) throw new StripeFailure(401, 'Invalid API Key provided.');
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const key = request.headers['idempotency-key'];
  const answer = options.answer({
    id,
    account,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.search,
    body: await readBody(request),
    idempotencyKey: typeof key === 'string' && key !== '' ? key : null,
  });
  if (request.method !== 'GET') await options.durable();
  return answer;
}

/** The key of `Authorization: Bearer` or of Basic's user name. https://docs.stripe.com/api/authentication */
function readKey(request: IncomingMessage): string {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new StripeFailure(413, 'The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, id: string, { status, body, replayed }: ApiAnswer): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'request-id': id,
      'stripe-version': API_VERSION,
      ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    })
    .end(JSON.stringify(body, null, 2));
}
