import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { GRAPHQL_PATH } from './dispatch.ts';
import { type Failure, toFailure } from './failure.ts';
import { requireOneHost } from './host.ts';
import { pathOf } from './mount.ts';
import { requestIdOf } from './request-id.ts';
import { isForeignOrigin, refuseUpgrade } from './upgrade.ts';
import { createProtocol, type ProtocolOptions } from './ws-protocol.ts';
import { createSession } from './ws-session.ts';

/** What WebSockets are served with. */
export interface WebSocketOptions extends ProtocolOptions {
  readonly clock: Clock;
  /** Bytes of one message; over it the socket closes with 1009. */
  readonly maxPayload: number;
  /** Milliseconds between pings; a client that misses one is cut off. */
  readonly pingMs: number;
  readonly isClosing: () => boolean;
}

/** An upgrade to something else, or one that RFC 6455 §4.2.1 does not know. */
const NOT_A_HANDSHAKE: Failure = {
  status: 400,
  errors: [{ message: 'Only upgrades to WebSocket are served.', extensions: { code: 'BAD_REQUEST' } }],
  headers: {},
};

/** The WebSocket side of a server. */
export interface WebSockets {
  /** Closes every socket with 1001, and what does not answer within `graceMs` by force. */
  close(graceMs: number): Promise<void>;
}

function keepAlive(socket: WebSocket, pingMs: number): void {
  let alive = true;
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, pingMs);
  timer.unref();
  socket.on('pong', () => {
    alive = true;
  });
  socket.once('close', () => clearInterval(timer));
}

function checkUpgrade(request: IncomingMessage, isClosing: boolean): void {
  requireOneHost(request);
  if (pathOf(request.url) !== GRAPHQL_PATH) throw new AppError('NOT_FOUND', 'Nothing is served at this path.');
  if (isClosing) throw new AppError('SHUTTING_DOWN', 'The server is stopping.');
  if (isForeignOrigin(request)) throw new AppError('FORBIDDEN', 'Sockets are not opened for pages of another origin.');
}

function createSockets(maxPayload: number): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, handleProtocols });
  sockets.on('wsClientError', (_error, socket) => refuseUpgrade(socket, NOT_A_HANDSHAKE));
  return sockets;
}

/** Serves graphql-transport-ws on the GraphQL path of an HTTP server. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const { clock, logger, maxPayload, pingMs, isClosing } = options;
  const protocol = createProtocol(options);
  const sockets = createSockets(maxPayload);

  function opened(socket: WebSocket, request: IncomingMessage): void {
    const { rawHeaders, headers } = request;
    const requestId = requestIdOf(request.headers['x-request-id']);
    const session = createSession({ socket, requestId, rawHeaders, headers, clock });
    socket.on('error', (err) => logger.debug({ err, requestId }, 'socket failed'));
    keepAlive(socket, pingMs);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) resolve();
            else socket.send(data, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            handle(String(data)).catch((err: unknown) => {
              if (socket.readyState !== socket.OPEN) return;
              logger.error({ err, requestId }, 'socket message failed');
              socket.close(4500, 'Internal server error');
            });
          }),
      },
      { session },
    );
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((err: unknown) => logger.error({ err, requestId }, 'socket close failed'));
    });
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (err) => logger.debug({ err }, 'upgrade failed'));
    try {
      checkUpgrade(request, isClosing());
      sockets.handleUpgrade(request, socket, head, opened);
    } catch (error) {
      refuseUpgrade(socket, toFailure(error, logger, requestIdOf(request.headers['x-request-id'])));
    }
  }

  server.on('upgrade', onUpgrade);
  return {
    async close(graceMs) {
      for (const client of sockets.clients) client.close(1001, 'Going away');
      const force = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, graceMs);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      await Promise.all([...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve))));
      clearTimeout(force);
    },
  };
}
