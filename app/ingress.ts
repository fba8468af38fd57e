import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRoute } from '../gateway/options.ts';
import { pathOf } from '../gateway/serve/mount.ts';
import { readBytes } from '../gateway/serve/read-body.ts';
import { AppError, type ErrorCode } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { WebhookAnswer, WebhookReceiver } from '../subgraphs/kit/webhook.ts';

/** A body that is larger or takes longer is refused: Stripe's largest events are a tenth of it. */
const BODY = { bytes: 1_000_000, timeoutMs: 10_000 };
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
  // As it was sent: a path that had to be resolved first is not one that we gave to a vendor.
  const [connection = 'default', ...rest] = pathOf(request.url).split('/').slice(3);
  if (rest.length > 0 || !CONNECTION.test(connection))
    throw new AppError('NOT_FOUND', `There is no such ${vendor} connection.`);
  if (method !== 'POST') throw new AppError('METHOD_NOT_ALLOWED', 'Webhooks are received by POST.');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  return { method, connection, headers, body: await readBytes(request, BODY) };
}

function send(response: ServerResponse, { status, body = { received: true } }: WebhookAnswer): void {
  if (response.headersSent) return;
  const allow = status === 405 ? { allow: 'POST' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...allow }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown, logger: Logger): void {
  if (error instanceof AppError && error.code !== 'INTERNAL') {
    logger.warn({ code: error.code }, error.message);
    send(response, { status: error.status, body: toBody(error.code, error.message) });
    return;
  }
  logger.error({ err: error }, 'A webhook could not be taken.');
  send(response, {
    status: 503,
    body: toBody('INTERNAL', 'The webhook could not be taken now. Send it again.'),
  });
}

/** The shape of every error (docs/errors.md). */
function toBody(code: ErrorCode, message: string) {
  return { errors: [{ message, extensions: { code } }] };
}
