import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { isOwnHost } from '../../lib/own-host.ts';
import type { ServerCertificate } from '../../lib/server-certificate.ts';
import { onClientError, onExpectation } from './client-error.ts';
import { toFailure } from './failure.ts';
import { requireOneHost } from './host.ts';
import { listenOn, stopAccepting } from './listen.ts';
import { Refusal } from './refusal.ts';
import { requestIdOf } from './request-id.ts';
import { SECURITY_HEADERS, sendFailure } from './respond.ts';

/** What answers plain http beside an https server. */
export interface HttpsOnlyOptions {
  /** Whose names are ours, besides loopback and the host we listen on: no other is redirected to. */
  readonly certificate: ServerCertificate;
  readonly logger: Logger;
}

/** A server that sends plain http to https. */
export interface HttpsOnly {
  /** AppError PORT_IN_USE, or CONFIG_INVALID when the address cannot be bound. */
  listen(address: { host: string; port: number; httpsPort: number }): Promise<void>;
  close(): Promise<void>;
}

/** A request has so many milliseconds to arrive; none of it is needed but the head. */
const REQUEST_MS = 5_000;
const HTTPS_PORT = 443;

/** Whether more than a look was sent readable on the way; a redirect would hide that. Cookies are none of ours: never read. */
function isExposed({ method, headers }: IncomingMessage): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return !isRead || headers.authorization !== undefined || headers.upgrade !== undefined;
}

function hostNameOf({ headers }: IncomingMessage): string {
  const { host } = headers;
  if (host === undefined || !URL.canParse(`http://${host}`))
    throw new AppError('BAD_REQUEST', 'A request names a host.');
  return new URL(`http://${host}`).hostname;
}

/** Where the same is over https. Refusals say `connection: close`: what else was sent is not read. */
function locationOf(request: IncomingMessage, port: number, isOwn: (name: string) => boolean): string {
  requireOneHost(request);
  const close = { connection: 'close' };
  const name = hostNameOf(request);
  if (!isOwn(name)) throw new Refusal('FORBIDDEN', 'This server goes by another name.', close);
  const target = request.url ?? '';
  if (!target.startsWith('/')) throw new Refusal('BAD_REQUEST', 'The target of a request is a path.', close);
  if (isExposed(request))
    throw new Refusal('HTTPS_REQUIRED', 'Only https is served. What this request held was sent readable.', close);
  return `https://${name}${port === HTTPS_PORT ? '' : `:${port}`}${target}`;
}

/**
 * Answers plain http: GET and HEAD with 308 to the same path over https, under a name of ours only. A request that is more than
 * a look (another method, a token, an upgrade) gets 403 HTTPS_REQUIRED, so that its sender learns what it gave away.
 */
export function createHttpsOnly({ certificate, logger }: HttpsOnlyOptions): HttpsOnly {
  let own = { host: '', httpsPort: HTTPS_PORT };
  const isOwn = (name: string) => isOwnHost(name, own.host) || certificate.covers(name.replace(/^\[|\]$/g, ''));

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    request.resume();
    try {
      const location = locationOf(request, own.httpsPort, isOwn);
      response.writeHead(308, { location, 'content-length': 0, 'cache-control': 'no-store' }).end();
    } catch (error) {
      sendFailure(response, toFailure(error, logger, requestId));
    }
  }

  const server = createServer(
    { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS, requireHostHeader: false },
    answer,
  );
  server.on('checkExpectation', onExpectation);
  server.on('clientError', onClientError);
  return {
    async listen({ host, port, httpsPort }) {
      own = { host, httpsPort };
      await listenOn(server, { host, port });
    },
    async close() {
      const closed = stopAccepting(server);
      server.closeAllConnections();
      await closed;
    },
  };
}
