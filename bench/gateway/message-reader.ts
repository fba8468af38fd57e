/** Takes the bytes of a connection and tells of each HTTP/1.1 message: its head (latin1, without the empty line) and its body. */
export type MessageReader = (chunk: Buffer) => void;

const HEAD_END = '\r\n\r\n';

interface Message {
  readonly head: string;
  readonly body: Buffer;
  /** Where the next message begins. */
  readonly end: number;
}

/** A reader of requests or responses with `content-length`, chunked, or without a body. Nothing is checked: both sides are ours. */
export function createMessageReader(onMessage: (head: string, body: Buffer) => void): MessageReader {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 0;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, size);
    let message = read(bytes);
    while (typeof message === 'object') {
      bytes = bytes.subarray(message.end);
      onMessage(message.head, message.body);
      message = bytes.length === 0 ? 0 : read(bytes);
    }
    needed = message;
    chunks = bytes.length === 0 ? [] : [bytes];
    size = bytes.length;
  };
}

/** The message that the bytes begin with, or how many bytes it will have; 0 while that is not known. */
function read(bytes: Buffer): Message | number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return 0;
  const head = bytes.toString('latin1', 0, headEnd);
  const bodyStart = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) return joinChunked(head, bytes, bodyStart);
  const end = bodyStart + Number(length ?? 0);
  return bytes.length < end ? end : { head, body: bytes.subarray(bodyStart, end), end };
}

/** The body of a chunked message (RFC 9112 §7.1) and where the message ends; 0 while it is not all there. */
function joinChunked(head: string, bytes: Buffer, start: number): Message | 0 {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return 0;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + length + 2;
    if (bytes.length < next) return 0;
    if (length === 0) return { head, body: Buffer.concat(parts), end: next };
    parts.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}
