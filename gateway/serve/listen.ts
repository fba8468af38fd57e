import type { Server } from 'node:http';
import { type AddressInfo, isIP, Server as NetServer } from 'node:net';
import { AppError } from '../../lib/errors.ts';

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

/** Binds a server; resolves with the address. AppError PORT_IN_USE, or CONFIG_INVALID when it cannot be bound. */
export function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(toListenError(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** A bound server's URL; over https by the name it was given, for a certificate is for a name. */
export function urlOf(bound: AddressInfo, host: string, isSecure: boolean): string {
  const address = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  if (isSecure) return `https://${isIP(host) === 0 ? host : address}:${bound.port}`;
  return `http://${address}:${bound.port}`;
}

/** Stops accepting. Unlike http.Server's own close it leaves idle connections: a request may be on its way on one of them. */
export function stopAccepting(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}
