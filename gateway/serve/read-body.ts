import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Refusal } from './refusal.ts';

/** Bounds on a request's body. */
export interface BodyLimits {
  /** Bytes, both as sent and after inflation. */
  readonly bytes: number;
  /** Milliseconds from the first look at it to its last byte. */
  readonly timeoutMs: number;
}

/** What is still read of a body over the limit, so that its sender gets to the answer: then the connection is cut. */
const DRAIN_FACTOR = 16;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function decoderOf(encoding: string | undefined): Transform | null {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') return null;
  const create = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (create) return create();
  throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'The content encoding is not served.', {
    'accept-encoding': 'gzip, deflate, br',
  });
}

function drain(request: IncomingMessage, bytes: number): void {
  let left = bytes;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength;
    if (left < 0) request.destroy();
  });
  request.resume();
}

/** Takes what comes of a body that nobody has begun to read, within bounds, so that its sender gets to the answer. */
export function drainBody(request: IncomingMessage, limits: BodyLimits): void {
  if (request.readableFlowing === null && !request.complete) drain(request, limits.bytes * DRAIN_FACTOR);
}

/**
 * The bytes of a request, inflated. AppError PAYLOAD_TOO_LARGE as soon as the limit is passed, UNSUPPORTED_MEDIA_TYPE for an
 * unknown encoding, BAD_REQUEST for one that does not decode, REQUEST_TIMEOUT when the body takes too long.
 */
export function readBytes(request: IncomingMessage, limits: BodyLimits): Buffer | Promise<Buffer> {
  const decoder = decoderOf(request.headers['content-encoding']);
  // Most bodies come in one piece with their head: no listeners, no timer, no copies then.
  if (!decoder && request.complete) return checkSize(request.read() ?? NOTHING, limits);
  return collect(request, decoder, limits);
}

const NOTHING = Buffer.alloc(0);

function tooLargeFor({ bytes }: BodyLimits): Refusal {
  return new Refusal('PAYLOAD_TOO_LARGE', `A body is at most ${bytes} bytes.`);
}

function checkSize(body: Buffer, limits: BodyLimits): Buffer {
  if (body.byteLength > limits.bytes) throw tooLargeFor(limits);
  return body;
}

function collect(request: IncomingMessage, decoder: Transform | null, limits: BodyLimits): Promise<Buffer> {
  const source = decoder ? request.pipe(decoder) : request;
  const chunks: Buffer[] = [];
  let sent = 0;
  let inflated = 0;

  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(
      () => refuse(new Refusal('REQUEST_TIMEOUT', 'The body took too long to arrive.', { connection: 'close' })),
      limits.timeoutMs,
    );

    function refuse(refusal: Refusal): void {
      clearTimeout(timer);
      source.removeAllListeners('data');
      if (decoder) request.unpipe(decoder);
      decoder?.destroy();
      drain(request, limits.bytes * DRAIN_FACTOR);
      reject(refusal);
    }

    const tooLarge = () => refuse(tooLargeFor(limits));

    if (Number(request.headers['content-length']) > limits.bytes) return tooLarge();
    request.on('data', (chunk: Buffer) => {
      sent += chunk.byteLength;
      if (sent > limits.bytes) tooLarge();
    });
    source.on('data', (chunk: Buffer) => {
      inflated += chunk.byteLength;
      if (inflated > limits.bytes) tooLarge();
      else chunks.push(chunk);
    });
    source.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks, inflated));
    });
    decoder?.once('error', () => refuse(new Refusal('BAD_REQUEST', 'The body does not decode.')));
    request.once('close', () => {
      clearTimeout(timer);
      if (!request.complete) reject(new Refusal('BAD_REQUEST', 'The body breaks off.'));
    });
  });
}

/** Bytes as JSON. AppError BAD_REQUEST when they are not UTF-8 or not JSON. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('BAD_REQUEST', 'The body is not UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refusal('BAD_REQUEST', 'The body is not JSON.');
  }
}
