import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One request that a raw server got. */
export interface RawRequest {
  /** From 1, over all connections. */
  readonly index: number;
  /** From 1. */
  readonly connection: number;
  readonly head: string;
  readonly body: string;
}

/** Answers a request with whatever bytes, or does something else to the socket. */
export type RawAnswer = (socket: Socket, request: RawRequest) => void;

/** A server that reads HTTP requests and leaves every byte of the answers to the test. */
export async function startRawServer(answer: RawAnswer) {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = bytes.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
      if (bytes.length < end + 4 + length) return;
      const request = {
        index: requests.length + 1,
        connection,
        head,
        body: bytes.toString('utf8', end + 4, end + 4 + length),
      };
      bytes = bytes.subarray(end + 4 + length);
      requests.push(request);
      answer(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    sockets,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole response with a body, and header lines beside its length and type. */
export function response(body: string | Buffer, lines: readonly string[] = [], status = 200): Buffer {
  const bytes = Buffer.from(body);
  const type = lines.some((line) => /^content-type:/i.test(line)) ? [] : ['content-type: application/json'];
  const head = [`HTTP/1.1 ${status} X`, ...type, ...lines, `content-length: ${bytes.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** The plainest answer. */
export const HELLO = response('{"data":{"hello":"you"}}');
