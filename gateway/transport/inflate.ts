import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflateRaw, inflate as inflateZlib } from 'node:zlib';
import { invalidResponse } from './failures.ts';

/** What `accept-encoding` says where compressed answers are asked for. */
export const ACCEPTED_ENCODINGS = 'gzip, br, deflate';

type Inflater = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const zlib: Inflater = promisify(inflateZlib);
const raw: Inflater = promisify(inflateRaw);

/** `deflate` is the zlib format (RFC 9110 §8.4.1.2), whose first byte says method 8; some servers send it bare. */
const deflate: Inflater = (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 8 ? zlib : raw)(bytes, options);

const INFLATERS: Readonly<Record<string, Inflater>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate,
};

/**
 * The body without its `Content-Encoding`, off the main thread. SUBGRAPH_INVALID_RESPONSE for more than `maxBytes`, for an
 * encoding that is not one of ours, and for bytes that are not in it.
 */
export async function inflate(
  body: Buffer,
  { encoding, maxBytes, subgraph }: { encoding: string; maxBytes: number; subgraph: string },
): Promise<Buffer> {
  const name = encoding.toLowerCase();
  if (name === 'identity' || body.byteLength === 0) return body;
  const inflater = Object.hasOwn(INFLATERS, name) ? INFLATERS[name] : undefined;
  if (!inflater) throw invalidResponse(subgraph, 'an encoding that is not known');
  try {
    return await inflater(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw invalidResponse(subgraph, `more than ${maxBytes} bytes`, { fault: 'size', cause });
    throw invalidResponse(subgraph, 'a compressed body that cannot be read', { fault: 'broken', cause });
  }
}
