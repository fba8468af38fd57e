import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { Cursors } from '../cursors/cursors.ts';
import { Engine } from '../engine/engine.ts';
import { serveConnection } from './connection.ts';
import type { Shared } from './execute.ts';

/** Where the data is and where clients find the server. */
export interface ServerOptions {
  /** The data file. */
  readonly file: string;
  /** Free bytes of its disk. @default asks the file system */
  readonly freeBytes?: () => number;
  /** A socket path, or null for a free port of 127.0.0.1. */
  readonly socketPath: string | null;
  readonly clock?: Clock;
  readonly onFailure: (error: unknown, command: string) => void;
}

/** A running server. */
export interface EmbeddedServer {
  /** What a client dials: the socket path or `127.0.0.1:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Opens the data file and listens. AppError DATA_CORRUPT; a socket is for its owner alone (mode 0600). */
export async function createEmbeddedServer(options: ServerOptions): Promise<EmbeddedServer> {
  const { file, socketPath, clock = systemClock, onFailure, freeBytes } = options;
  const engine = new Engine({ file, clock, onFailure, freeBytes });
  const cursors = new Cursors(clock);
  const shared: Shared = { engine, cursors, retryable: new Map(), onFailure };
  const sockets = new Set<Socket>();
  let address = socketPath ?? '';
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, { shared, address, id: connections });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath === null ? { host: '127.0.0.1', port: 0 } : { path: socketPath }, resolve);
  });
  if (socketPath === null) address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  else chmodSync(socketPath, 0o600);
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    cursors.closeAll();
    await engine.close();
  };
  return { address, close };
}
