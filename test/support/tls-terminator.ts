import { once } from 'node:events';
import { type AddressInfo, connect, type NetConnectOpts, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Issued } from './certificates.ts';

/** Speaks TLS to clients and plain TCP to a server, as a proxy in front of a database does. */
export interface TlsTerminator {
  readonly port: number;
  /** Connections that came through the handshake so far. */
  accepted(): number;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1 in front of `target`. With `clientCa` it wants a certificate of clients too. */
export async function startTlsTerminator(options: {
  readonly pair: Issued;
  readonly target: NetConnectOpts;
  readonly clientCa?: string;
}): Promise<TlsTerminator> {
  const { pair, clientCa } = options;
  const sockets = new Set<Socket>();
  let accepted = 0;
  const mutual = clientCa === undefined ? {} : { requestCert: true, ca: clientCa };
  const server = createServer({ ...pair, ...mutual }, (client) => {
    accepted += 1;
    const target = connect(options.target);
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      // A side that breaks off ends the other; which of them did is no matter here.
      socket.on('error', () => other.destroy());
      socket.once('close', () => sockets.delete(socket) && other.destroy());
      socket.pipe(other);
    }
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
