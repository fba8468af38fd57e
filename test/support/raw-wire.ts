import { connect, type Socket } from 'node:net';
import { type DeserializeOptions, type Document, deserialize, serialize } from 'bson';

/** A client that sends exactly what it is told, for what a driver would not send. */
export interface RawClient {
  readonly socket: Socket;
  /** Sends a command as OP_MSG and resolves with the answer; rejects when the server hangs up instead. */
  command(document: Document): Promise<Document>;
  /** Sends bytes and resolves with the next answer, or null when the server hangs up. */
  exchange(bytes: Uint8Array): Promise<Document | null>;
  close(): void;
}

/** A header of 16 bytes that says what it is told. */
export function header(length: number, opCode: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(1, 4);
  bytes.writeInt32LE(opCode, 12);
  return bytes;
}

/** An OP_MSG of sections as they are, whatever they hold; `tail` follows them (a checksum). */
export function rawOpMsg(sections: readonly Uint8Array[], flags = 0, tail: Uint8Array = Buffer.alloc(0)): Buffer {
  const flagBits = Buffer.alloc(4);
  flagBits.writeUInt32LE(flags);
  const rest = Buffer.concat([flagBits, ...sections, tail]);
  return Buffer.concat([header(16 + rest.length, 2013), rest]);
}

/** The section that holds a command's body. */
export function bodySection(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0), body]);
}

/** A section of documents; `size` is what it says of itself, its true size when left out. */
export function sequenceSection(field: string, documents: readonly Uint8Array[], size?: number): Buffer {
  const content = Buffer.concat([Buffer.from(`${field}\0`), ...documents]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(size ?? content.length + 4);
  return Buffer.concat([Buffer.of(1), length, content]);
}

/** An OP_MSG of one body. */
export function toOpMsg(document: Document): Buffer {
  return rawOpMsg([bodySection(serialize(document))]);
}

interface Waiting {
  readonly resolve: (answer: Document) => void;
  readonly reject: (error: Error) => void;
}

/** Cuts what arrives into messages and hands each to the oldest who waits. */
function answers(socket: Socket, options: DeserializeOptions): Waiting[] {
  const waiting: Waiting[] = [];
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
      const message = received.subarray(0, received.readInt32LE(0));
      received = received.subarray(message.length);
      waiting.shift()?.resolve(deserialize(message.subarray(message.readInt32LE(12) === 1 ? 36 : 21), options));
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the server hung up'));
  });
  return waiting;
}

/** Dials a server on a unix socket. `options`: how its answers are decoded. */
export async function dial(path: string, options: DeserializeOptions = {}): Promise<RawClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const waiting = answers(socket, options);
  const send = (bytes: Uint8Array) =>
    new Promise<Document>((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the server hung up'));
      waiting.push({ resolve, reject });
      socket.write(bytes);
    });
  return {
    socket,
    command: (document) => send(toOpMsg(document)),
    exchange: (bytes) => send(bytes).catch(() => null),
    close: () => socket.destroy(),
  };
}
