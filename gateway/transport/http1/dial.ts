import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClientTls } from '../../../lib/client-tls.ts';

/** Where a server is. */
export interface Origin {
  readonly isTls: boolean;
  /** A name or an address; an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A TLS session that the next connection to the same server resumes. */
export interface TlsSession {
  ticket: Buffer | null;
}

/** How to dial. */
export interface DialOptions {
  readonly origin: Origin;
  readonly tls: ClientTls;
  readonly session: TlsSession;
  /** Milliseconds until the connection must stand, the handshake included. */
  readonly timeoutMs: number;
}

/** The origin of a URL. */
export function toOrigin({ protocol, hostname, port }: URL): Origin {
  const isTls = protocol === 'https:';
  return { isTls, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (isTls ? 443 : 80) : Number(port) };
}

/** Reads of all plain connections go here: each is done with before the next begins. */
const shared = Buffer.allocUnsafeSlow(65_536);

/** Told of bytes read: they are in `buffer` from 0 to `size` and gone when this returns. */
export type OnBytes = (buffer: Buffer, size: number) => void;

function dialPlain({ host, port }: Origin, onBytes: OnBytes): Socket {
  const callback = (size: number, buffer: Uint8Array) => {
    onBytes(buffer as Buffer, size);
    return true;
  };
  return connect({ host, port, noDelay: true, keepAlive: true, onread: { buffer: shared, callback } });
}

function dialTls({ host, port }: Origin, { tls, session }: DialOptions, onBytes: OnBytes): Socket {
  const socket = connectTls({
    ...tls,
    host,
    port,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(session.ticket ? { session: session.ticket } : {}),
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  socket.on('session', (ticket) => {
    session.ticket = ticket;
  });
  socket.on('data', (bytes: Buffer) => onBytes(bytes, bytes.length));
  return socket;
}

/**
 * Opens a connection. `onReady` is called once it stands: with TLS, once the server has proved who it is, so that nothing is
 * ever written to one that did not. A failure destroys the socket with the error, which its `error` and `close` events tell.
 */
export function dial(options: DialOptions, onBytes: OnBytes, onReady: () => void): Socket {
  const { origin, session, timeoutMs } = options;
  const socket = origin.isTls ? dialTls(origin, options, onBytes) : dialPlain(origin, onBytes);
  const timer = setTimeout(() => {
    socket.destroy(new Error(`No connection within ${timeoutMs} ms.`));
  }, timeoutMs);
  socket.once(origin.isTls ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer);
    onReady();
  });
  socket.once('close', () => clearTimeout(timer));
  // A session that the server will not have must not spoil the next try.
  socket.once('error', () => {
    session.ticket = null;
  });
  return socket;
}
