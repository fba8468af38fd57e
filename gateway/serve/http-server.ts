import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createWebServer, type WebServerOptions } from '../../lib/web-server.ts';
import type { GatewayOptions, GatewayTls, HttpRoute } from '../options.ts';
import { onClientError, onExpectation } from './client-error.ts';
import { createCommonHeaders } from './common-headers.ts';
import { createDispatch } from './dispatch.ts';
import { createEndpoint } from './graphql-endpoint.ts';
import { createHealth } from './health.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import { listenOn, stopAccepting, urlOf } from './listen.ts';
import type { Pipeline } from './pipeline.ts';
import { SECURITY_HEADERS, strictTransport } from './respond.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import { serveWebSockets, type WebSockets } from './websocket.ts';

/** The graph that a server has at `/graphql`. */
export interface ServedGraph {
  readonly pipeline: Pipeline;
  /** The API schema. */
  readonly schema: GraphQLSchema;
  /** Bytes of a body and of a WebSocket message. */
  readonly bodyBytes: number;
  /** Ends all subscriptions, without an error to their clients. */
  readonly endSubscriptions: () => void;
  /** Lists of operations. @default false */
  readonly batching?: GatewayOptions['batching'];
  /** Compressed answers. @default true */
  readonly compression?: GatewayOptions['compression'];
}

/** What a server is made of. */
export interface HttpServerOptions {
  /** Absent: routes and health are all there is. */
  readonly graph?: ServedGraph;
  readonly routes: readonly HttpRoute[];
  readonly ready: () => Promise<boolean> | boolean;
  /** What `/health/ready` says besides. @default nothing */
  readonly readyDetail?: () => Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tuning?: Partial<Tuning>;
  readonly tls?: GatewayTls;
}

/** A server for every transport on one port. */
export interface HttpServer {
  /** Resolves with the bound URL and port. AppError PORT_IN_USE, or CONFIG_INVALID when the address cannot be bound. */
  listen(address: { host: string; port: number }): Promise<{ url: string; port: number }>;
  /** Not ready, no new connections, streams complete, running operations finish within `graceMs`, then sockets close. */
  close(graceMs: number): Promise<void>;
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

function toServerOptions({ handshakeMs, keepAliveMs, headersTimeoutMs, bodyTimeoutMs }: Tuning): WebServerOptions {
  return {
    handshakeTimeout: handshakeMs,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: headersTimeoutMs,
    // Twice the body's own time: the answer to a late body is ours, this is the net below it.
    requestTimeout: Math.max(headersTimeoutMs, bodyTimeoutMs) * 2,
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    // Checked by dispatch, which answers in JSON.
    requireHostHeader: false,
  };
}

const NO_WEB_SOCKETS: WebSockets = { close: () => Promise.resolve() };

/** A server that does not listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { graph, routes, ready, readyDetail, tls, clock, logger } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  let closing: Promise<void> | null = null;
  const isClosing = () => closing !== null;

  const inFlight = createInFlight();
  const health = createHealth({ ready, detail: readyDetail, isClosing, logger });
  const common = createCommonHeaders({ ...SECURITY_HEADERS, ...(tls ? strictTransport(tls) : {}) }, isClosing);
  const graphql = graph && createEndpoint({ ...tuning, ...toEndpointOptions(graph, tuning), common, logger });
  const dispatch = createDispatch({ graphql, health, routes, common, logger });

  const server = createWebServer(toServerOptions(tuning), tls?.certificate);
  server.on('request', (request, response) => void inFlight.track(() => dispatch(request, response)));
  server.on('checkExpectation', onExpectation);
  server.on('clientError', onClientError);
  const webSockets = graph
    ? serveWebSockets(server, { ...tuning, ...graph, inFlight, logger, clock, maxPayload: graph.bodyBytes, isClosing })
    : NO_WEB_SOCKETS;
  const endSubscriptions = graph?.endSubscriptions ?? (() => undefined);

  return {
    async listen(address) {
      const bound = await listenOn(server, address);
      return { url: urlOf(bound, address.host, tls !== undefined), port: bound.port };
    },
    close(graceMs) {
      closing ??= stop({ server, webSockets, inFlight, endSubscriptions, lameDuckMs: tuning.lameDuckMs }, graceMs);
      return closing;
    },
  };
}

const DEFAULT_BATCH = 10;
const DEFAULT_COMPRESS_FROM = 1_024;

function toEndpointOptions({ pipeline, bodyBytes, batching = false, compression = true }: ServedGraph, tuning: Tuning) {
  const maxBatch = typeof batching === 'object' ? batching.max : DEFAULT_BATCH;
  const minBytes = typeof compression === 'object' ? compression.minBytes : DEFAULT_COMPRESS_FROM;
  return {
    pipeline,
    body: { bytes: bodyBytes, timeoutMs: tuning.bodyTimeoutMs },
    maxBatch: batching === false ? null : maxBatch,
    compressFrom: compression === false ? null : minBytes,
  };
}
