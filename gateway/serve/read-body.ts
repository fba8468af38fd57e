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

const NOTHING = Buffer.alloc(0);

function tooLargeFor({ bytes }: BodyLimits): Refusal {
  return new Refusal('PAYLOAD_TOO_LARGE', `A body is at most ${bytes} bytes.`);
}

/** A body on its way in. A class, since functions made anew for every request cost more than what they do here. */
class IncomingBody {
  readonly #request: IncomingMessage;
  readonly #decoder: Transform | null;
  readonly #limits: BodyLimits;
  readonly #chunks: Buffer[] = [];
  #sent = 0;
  #inflated = 0;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (bytes: Buffer) => void = () => undefined;
  #reject: (refusal: Refusal) => void = () => undefined;

  constructor(request: IncomingMessage, decoder: Transform | null, limits: BodyLimits) {
    this.#request = request;
    this.#decoder = decoder;
    this.#limits = limits;
  }

  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (Number(this.#request.headers['content-length']) > this.#limits.bytes) this.#refuse(tooLargeFor(this.#limits));
      else this.#listen();
    });
  }

  #listen(): void {
    const request = this.#request;
    const decoder = this.#decoder;
    this.#timer = setTimeout(() => this.#refuseLate(), this.#limits.timeoutMs);
    if (decoder) {
      request.on('data', (chunk: Buffer) => this.#countSent(chunk));
      decoder.once('error', () => this.#refuse(new Refusal('BAD_REQUEST', 'The body does not decode.')));
    }
    const source = decoder ? request.pipe(decoder) : request;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.once('end', () => this.#finish());
    request.once('close', () => this.#gone());
  }

  #countSent(chunk: Buffer): void {
    this.#sent += chunk.byteLength;
    if (this.#sent > this.#limits.bytes) this.#refuse(tooLargeFor(this.#limits));
  }

  #take(chunk: Buffer): void {
    this.#inflated += chunk.byteLength;
    if (this.#inflated > this.#limits.bytes) this.#refuse(tooLargeFor(this.#limits));
    else this.#chunks.push(chunk);
  }

  #finish(): void {
    clearTimeout(this.#timer);
    const [first = NOTHING] = this.#chunks;
    this.#resolve(this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#inflated) : first);
  }

  #gone(): void {
    clearTimeout(this.#timer);
    if (!this.#request.complete) this.#reject(new Refusal('BAD_REQUEST', 'The body breaks off.'));
  }

  #refuseLate(): void {
    this.#refuse(new Refusal('REQUEST_TIMEOUT', 'The body took too long to arrive.', { connection: 'close' }));
  }

  #refuse(refusal: Refusal): void {
    clearTimeout(this.#timer);
    this.#request.removeAllListeners('data');
    if (this.#decoder) {
      this.#decoder.removeAllListeners('data');
      this.#request.unpipe(this.#decoder);
      this.#decoder.destroy();
    }
    drain(this.#request, this.#limits.bytes * DRAIN_FACTOR);
    this.#reject(refusal);
  }
}

/**
 * The bytes of a request, inflated. AppError PAYLOAD_TOO_LARGE as soon as the limit is passed, UNSUPPORTED_MEDIA_TYPE for an
 * unknown encoding, BAD_REQUEST for one that does not decode, REQUEST_TIMEOUT when the body takes too long.
 */
export function readBytes(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new IncomingBody(request, decoderOf(request.headers['content-encoding']), limits).read();
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
