import { connect, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';

/** A client that sends exactly what it is told, for what a driver would not send. */
export interface RawClient {
  readonly socket: Socket;
  /** Sends a command as OP_MSG and resolves with the answer. */
  command(document: Document): Promise<Document>;
  /** Sends bytes; resolves true when the server then closes the connection, false when it stays open for 200 ms. */
  provoke(bytes: Uint8Array): Promise<boolean>;
  close(): void;
}

/** An OP_MSG of one body. */
export function toOpMsg(document: Document): Buffer {
  const body = serialize(document);
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(2013, 12);
  message.set(body, 21);
  return message;
}

/** Dials the server of a `mongodb://` URI made by the embedded store. */
export async function dial(path: string): Promise<RawClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    socket,
    command: (document) =>
      new Promise((resolve) => {
        socket.once('data', (bytes) => resolve(deserialize(bytes.subarray(21))));
        socket.write(toOpMsg(document));
      }),
    provoke: (bytes) =>
      new Promise((resolve) => {
        socket.once('close', () => resolve(true));
        socket.on('error', () => undefined);
        socket.write(bytes);
        setTimeout(() => resolve(false), 200);
      }),
    close: () => socket.destroy(),
  };
}
