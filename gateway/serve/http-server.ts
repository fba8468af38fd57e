import { createServer, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { HttpRoute } from '../options.ts';
import { onClientError, onExpectation } from './client-error.ts';
import { createDispatch } from './dispatch.ts';
import { createEndpoint } from './graphql-endpoint.ts';
import { createHealth } from './health.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import type { Pipeline } from './pipeline.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import { serveWebSockets, type WebSockets } from './websocket.ts';

/** What a server is made of. */
export interface HttpServerOptions {
  readonly pipeline: Pipeline;
  /** The API schema. */
  readonly schema: GraphQLSchema;
  readonly routes: readonly HttpRoute[];
  readonly ready: () => Promise<boolean> | boolean;
  /** Bytes of a body and of a WebSocket message. */
  readonly bodyBytes: number;
  /** Ends all subscriptions, without an error to their clients. */
  readonly endSubscriptions: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tuning?: Partial<Tuning>;
}

/** A server for every transport on one port. */
export interface HttpServer {
  /** Resolves with the bound URL. AppError PORT_IN_USE, or CONFIG_INVALID when the address cannot be bound. */
  listen(address: { host: string; port: number }): Promise<{ url: string }>;
  /** Not ready, no new connections, streams complete, running operations finish within `graceMs`, then sockets close. */
  close(graceMs: number): Promise<void>;
}

function toListenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new AppError('PORT_IN_USE', `Port ${port} is in use by another program.`, {
      cause: error,
      extensions: { port },
    });
  }
  return new AppError('CONFIG_INVALID', `Port ${port} of ${host} cannot be bound.`, {
    cause: error,
    extensions: { port },
  });
}

function listenOn(server: Server, host: string, port: number): Promise<{ url: string }> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(toListenError(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      const bound = server.address() as AddressInfo;
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      resolve({ url: `http://${name}:${bound.port}` });
    });
  });
}

/** Stops accepting. Unlike http.Server's own close it leaves idle connections: a request may be on its way on one of them. */
function stopAccepting(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

interface Stopping {
  readonly server: Server;
  readonly webSockets: WebSockets;
  readonly inFlight: InFlight;
  readonly endSubscriptions: () => void;
  readonly lameDuckMs: number;
}

/** The order in which a server goes. */
async function stop(parts: Stopping, graceMs: number): Promise<void> {
  const { server, webSockets, inFlight, endSubscriptions, lameDuckMs } = parts;
  const end = performance.now() + graceMs;
  const left = () => Math.max(0, end - performance.now());
  const closed = stopAccepting(server);
  endSubscriptions();
  await inFlight.idle(left());
  await Promise.all([webSockets.close(Math.min(1_000, left())), delay(Math.min(lameDuckMs, left()))]);
  server.closeIdleConnections();
  await inFlight.idle(left());
  server.closeAllConnections();
  await closed;
}

/** A server that does not listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { pipeline, routes, ready, logger } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  let closing: Promise<void> | null = null;
  const isClosing = () => closing !== null;

  const inFlight = createInFlight();
  const body = { bytes: options.bodyBytes, timeoutMs: tuning.bodyTimeoutMs };
  const graphql = createEndpoint({ ...tuning, pipeline, body, logger });
  const health = createHealth({ ready, isClosing, logger });
  const dispatch = createDispatch({ graphql, health, routes, isClosing, logger });

  const server = createServer({
    keepAliveTimeout: tuning.keepAliveMs,
    headersTimeout: tuning.headersTimeoutMs,
    // Twice the body's own time: the answer to a late body is ours, this is the net below it.
    requestTimeout: Math.max(tuning.headersTimeoutMs, tuning.bodyTimeoutMs) * 2,
    connectionsCheckingInterval: Math.min(1_000, tuning.headersTimeoutMs),
    // Checked by dispatch, which answers in JSON.
    requireHostHeader: false,
  });
  server.on('request', (request, response) => void inFlight.track(() => dispatch(request, response)));
  server.on('checkExpectation', onExpectation);
  server.on('clientError', onClientError);
  const webSockets = serveWebSockets(server, {
    ...tuning,
    pipeline,
    schema: options.schema,
    inFlight,
    logger,
    clock: options.clock,
    maxPayload: options.bodyBytes,
    isClosing,
  });

  return {
    listen: ({ host, port }) => listenOn(server, host, port),
    close(graceMs) {
      const { lameDuckMs } = tuning;
      closing ??= stop(
        { server, webSockets, inFlight, endSubscriptions: options.endSubscriptions, lameDuckMs },
        graceMs,
      );
      return closing;
    },
  };
}
