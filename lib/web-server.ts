import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { ServerCertificate } from './server-certificate.ts';

/** Milliseconds a client may take to shake hands. */
const HANDSHAKE_MS = 10_000;
/** Milliseconds for which a session may be resumed without the key exchange; the key of all tickets lives no longer. */
const TICKET_KEY_MS = 3_600_000;
const TICKET_KEY_BYTES = 48;

/**
 * An HTTP/1.1 server; over TLS where there is a certificate, whose renewals it takes over without dropping a connection.
 * HTTP/1.1 alone is offered (ALPN): WebSockets and our answers to what is no HTTP need its sockets.
 */
export function createWebServer(options: ServerOptions, certificate?: ServerCertificate): Server {
  if (!certificate) return createServer(options);
  const server = createSecureServer({ ...options, ...certificate.current(), handshakeTimeout: HANDSHAKE_MS });
  const stopRenewing = certificate.onRenewal(() => server.setSecureContext(certificate.current()));
  const rotation = setInterval(() => server.setTicketKeys(randomBytes(TICKET_KEY_BYTES)), TICKET_KEY_MS).unref();
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
