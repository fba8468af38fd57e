import type { ServerResponse } from 'node:http';
import type { CommonHeaders } from './common-headers.ts';
import { chooseEncoding, compress, type Encoding } from './compression.ts';
import { JSON_HEADERS } from './respond.ts';

/** JSON that is written already, and what its answer says of it. */
export interface JsonAnswer {
  readonly status: number;
  /** UTF-8. */
  readonly bytes: Buffer;
  readonly type: string;
  /** Besides those of every answer, over which they win. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null for `no-store`. */
  readonly cacheControl: string | null;
}

/** Sends answers that are whole; nothing happens when the client has gone. */
export type SendAnswer = (response: ServerResponse, requestId: string, answer: JsonAnswer) => void | Promise<void>;

/** Bytes up to which copying an answer into its head's string costs less than a gathered write. */
const SMALL = 12_288;

/** What caches must tell apart: answers differ by who asks and by what the client takes. */
const VARY_OF_KEPT = 'accept, accept-encoding, authorization';
const VARY_OF_COMPRESSED = 'accept-encoding';

const CONSTANT = Object.entries(JSON_HEADERS).flat();

/**
 * Answers of at least `minBytes` are compressed as the client wants it. Heads are written in one go from flat lists: Node
 * looks up, checks and copies every header that is set by itself.
 */
export function createSendAnswer(common: CommonHeaders, minBytes: number | null): SendAnswer {
  function write(response: ServerResponse, requestId: string, answer: JsonAnswer, encoding: Encoding | null): void {
    if (response.headersSent || response.destroyed) return;
    const { status, bytes, type, headers, cacheControl } = answer;
    const flat = common.flat(requestId);
    flat.push(...CONSTANT, 'content-type', `${type}; charset=utf-8`, 'content-length', String(bytes.byteLength));
    if (encoding !== null) flat.push('content-encoding', encoding);
    if (cacheControl !== null) override(flat, { 'cache-control': cacheControl, vary: VARY_OF_KEPT });
    else if (minBytes !== null) flat.push('vary', VARY_OF_COMPRESSED);
    override(flat, headers);
    response.writeHead(status, flat);
    // One string with its head is one write; a buffer beside it is two, gathered.
    if (bytes.byteLength <= SMALL) response.end(bytes.toString('latin1'), 'latin1');
    else response.end(bytes);
  }

  async function writeCompressed(response: ServerResponse, requestId: string, answer: JsonAnswer): Promise<void> {
    const encoding = chooseEncoding(response.req.headers['accept-encoding']);
    const bytes = encoding === null ? answer.bytes : await compress(answer.bytes, encoding);
    write(response, requestId, { ...answer, bytes }, encoding);
  }

  return (response, requestId, answer) =>
    minBytes === null || answer.bytes.byteLength < minBytes
      ? write(response, requestId, answer, null)
      : writeCompressed(response, requestId, answer);
}

/** Sets headers in a flat list, each once. */
function override(flat: string[], headers: Readonly<Record<string, string>>): void {
  for (const name in headers) {
    const at = flat.findIndex((known, index) => index % 2 === 0 && known === name);
    if (at < 0) flat.push(name, headers[name] ?? '');
    else flat[at + 1] = headers[name] ?? '';
  }
}
