import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Failure } from './failure.ts';

/** Refuses an upgrade with an HTTP answer on the bare socket, in JSON as everywhere. */
export function refuseUpgrade(socket: Duplex, { status, errors, headers }: Failure): void {
  const body = JSON.stringify({ errors });
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/**
 * Whether a page of another origin asks: browsers send Origin with every WebSocket and let any page open one.
 * Programs send none, and are let in.
 */
export function isForeignOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
