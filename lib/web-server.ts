import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { ServerCertificate } from './server-certificate.ts';
import { TLS_SESSION_S } from './tls-policy.ts';

/** Those of node:http, and of TLS. */
export interface WebServerOptions extends ServerOptions {
  /** Milliseconds a client may take to shake hands. @default 10 000 */
  readonly handshakeTimeout?: number;
}

const HANDSHAKE_MS = 10_000;
/** The key of all tickets lives no longer than a session: a stolen one opens an hour of TLS 1.2 at most. */
const TICKET_KEY_BYTES = 48;

/**
 * An HTTP/1.1 server; over TLS where there is a certificate, whose renewals it takes over without dropping a connection.
 * HTTP/1.1 alone is offered (ALPN): WebSockets and our answers to what is no HTTP need its sockets.
 */
export function createWebServer(options: WebServerOptions, certificate?: ServerCertificate): Server {
  if (!certificate) return createServer(options);
  const server = createSecureServer({ handshakeTimeout: HANDSHAKE_MS, ...options, ...certificate.current() });
  const stopRenewing = certificate.onRenewal(() => server.setSecureContext(certificate.current()));
  const rotation = setInterval(
    () => server.setTicketKeys(randomBytes(TICKET_KEY_BYTES)),
    TLS_SESSION_S * 1_000,
  ).unref();
  server.once('close', () => {
    stopRenewing();
    clearInterval(rotation);
  });
  closeHandshakesToo(server);
  return server;
}

/** To http, a connection that has not shaken hands does not exist: without this it would hold up the end of the server. */
function closeHandshakesToo(server: SecureServer): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const closeRequests = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeRequests();
    for (const socket of sockets) socket.destroy();
  };
}
