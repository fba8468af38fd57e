import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createDeflate, createGzip, deflate, gzip } from 'node:zlib';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import { parseMediaType, qualityOf } from './media-type.ts';

/** A content coding that answers are sent in. */
export type Encoding = 'br' | 'gzip' | 'deflate';

/** Answers change with every request: the ratio that is left after these levels is not worth its time. */
const GZIP_LEVEL = { level: 4 };
const BROTLI_QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const [brotliAsync, gzipAsync, deflateAsync] = [promisify(brotliCompress), promisify(gzip), promisify(deflate)];

const COMPRESS: Readonly<Record<Encoding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => brotliAsync(bytes, BROTLI_QUALITY),
  gzip: (bytes) => gzipAsync(bytes, GZIP_LEVEL),
  deflate: (bytes) => deflateAsync(bytes, GZIP_LEVEL),
};

const STREAMS = {
  br: () => createBrotliCompress(BROTLI_QUALITY),
  gzip: () => createGzip(GZIP_LEVEL),
  deflate: () => createDeflate(GZIP_LEVEL),
} as const;

/** Of equal quality the one that costs least for what it saves. */
const PREFERENCE: readonly Encoding[] = ['gzip', 'br', 'deflate'];

function chooseAnew(header: string): Encoding | null {
  const qualities = new Map(
    header.split(',').map((text) => {
      const range = parseMediaType(text);
      return [range.essence, qualityOf(range)] as const;
    }),
  );
  const wanted = (name: string) => qualities.get(name) ?? qualities.get('*') ?? 0;
  const [first] = [...PREFERENCE].sort((left, right) => wanted(right) - wanted(left));
  if (first === undefined || wanted(first) === 0) return null;
  // As it is may be wanted more; unnamed it is merely allowed (RFC 9110 §12.5.3).
  return wanted(first) >= (qualities.get('identity') ?? 0) ? first : null;
}

const known = createBoundedCache<{ readonly encoding: Encoding | null }>(100);
const LONGEST_KEPT = 200;

/** The coding a client's Accept-Encoding wants most of those we have; null to send bytes as they are. */
export function chooseEncoding(header: string | string[] | undefined): Encoding | null {
  if (typeof header !== 'string') return null;
  const found = known.get(header);
  if (found) return found.encoding;
  const encoding = chooseAnew(header);
  if (header.length <= LONGEST_KEPT) known.set(header, { encoding });
  return encoding;
}

/** The bytes in a coding, made in a thread of the pool. */
export function compress(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  return COMPRESS[encoding](bytes);
}

/** A compressor for an answer that comes in parts; each part leaves it whole after `flush`. */
export function createCompressor(encoding: Encoding) {
  return STREAMS[encoding]();
}
