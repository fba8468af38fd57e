import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRoute } from '../gateway/options.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { WebhookAnswer, WebhookReceiver } from '../subgraphs/kit/webhook.ts';

/** A webhook body over this many bytes is refused: Stripe's largest events are a tenth of it. */
const BODY_LIMIT = 1_000_000;
/** A sender that needs longer for its body is cut off. */
const BODY_TIMEOUT_MS = 10_000;
const CONNECTION = /^[a-z0-9-]{1,63}$/;

/**
 * The HTTP routes that services contribute: `POST /webhooks/<vendor>[/<connection>]`.
 * The receiver gets the raw bytes; what it throws is answered by its code, anything else as 503 so that the vendor tries again.
 */
export function createIngressRoutes(receivers: ReadonlyMap<string, WebhookReceiver>, logger: Logger): HttpRoute[] {
  return [...receivers].map(([vendor, receive]) => ({
    prefix: `/webhooks/${vendor}`,
    handle: async (request, response) => {
      try {
        const answer = await receive(await toWebhookRequest(request, vendor));
        send(response, answer);
      } catch (error) {
        refuse(response, error, logger.child({ vendor }));
      }
    },
  }));
}

async function toWebhookRequest(request: IncomingMessage, vendor: string) {
  const method = request.method ?? 'GET';
  const [connection = 'default', ...rest] = new URL(request.url ?? '/', 'http://ingress').pathname
    .split('/')
    .slice(3)
    .filter(Boolean);
  if (rest.length > 0 || !CONNECTION.test(connection))
    throw new AppError('NOT_FOUND', `There is no such ${vendor} connection.`);
  if (method !== 'POST') throw new AppError('METHOD_NOT_ALLOWED', 'Webhooks are received by POST.');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  return { method, connection, headers, body: await readBody(request) };
}

function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const late = setTimeout(
      () => stop(new AppError('BAD_REQUEST', 'The body did not arrive in time.')),
      BODY_TIMEOUT_MS,
    );
    const stop = (error: AppError) => {
      clearTimeout(late);
      request.removeAllListeners('data');
      request.resume();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_LIMIT) stop(new AppError('PAYLOAD_TOO_LARGE', `The body is over ${BODY_LIMIT} bytes.`));
      else chunks.push(chunk);
    });
    request.once('end', () => {
      clearTimeout(late);
      resolve(Buffer.concat(chunks));
    });
    request.once('error', () => stop(new AppError('BAD_REQUEST', 'The body broke off.')));
  });
}

function send(response: ServerResponse, { status, body = { received: true } }: WebhookAnswer): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown, logger: Logger): void {
  if (error instanceof AppError && error.code !== 'INTERNAL') {
    logger.warn({ code: error.code }, error.message);
    send(response, { status: error.status, body: { error: { code: error.code, message: error.message } } });
    return;
  }
  logger.error({ err: error }, 'A webhook could not be taken.');
  send(response, {
    status: 503,
    body: { error: { code: 'INTERNAL', message: 'The webhook could not be taken now. Send it again.' } },
  });
}
