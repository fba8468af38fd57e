import { connect, type Socket } from 'node:net';
import { createMessageReader } from './message-reader.ts';

/** Posts JSON to one path over kept-alive raw sockets, one request at a time on each: what the floor and the aggregator use. */
export interface RawClient {
  /** The response's body; its status is not looked at. */
  post(body: string): Promise<Buffer>;
}

interface Connection {
  readonly socket: Socket;
  resolve: ((body: Buffer) => void) | null;
}

/** A client with as many connections as there are requests at once. */
export function createRawClient(url: string): RawClient {
  const { hostname, port, pathname, host } = new URL(url);
  const idle: Connection[] = [];
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: `;
  const open = (): Connection => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection: Connection = { socket, resolve: null };
    socket.on(
      'data',
      createMessageReader((_, body) => {
        const { resolve } = connection;
        connection.resolve = null;
        idle.push(connection);
        resolve?.(body);
      }),
    );
    return connection;
  };
  return {
    post: (body) =>
      new Promise((resolve) => {
        const connection = idle.pop() ?? open();
        connection.resolve = resolve;
        connection.socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
  };
}
