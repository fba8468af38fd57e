import { ProtocolError } from './protocol-error.ts';

/** What the head of a response says, as far as we need it. */
export interface ResponseHead {
  readonly status: number;
  /** How the end of the body is known: so many bytes, chunks, or the end of the connection. RFC 9112 §6.3. */
  readonly framing: number | 'chunked' | 'close';
  /** Whether the server keeps the connection. */
  readonly keepsAlive: boolean;
  /** For how long it says it does, in milliseconds (`Keep-Alive: timeout`); null when it does not say. */
  readonly keepAliveMs: number | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly retryAfter: string | null;
}

/** Fields of one head, or trailers of one body. */
const MAX_FIELDS = 128;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^\d{1,15}$/;

/**
 * Fields we read, by name in lower case. Everything else is checked and dropped. One field comes once: a second
 * `Content-Length` is where smuggling begins, and for the others there is no telling which one is meant.
 */
const READ = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'content-type',
  'content-encoding',
  'retry-after',
]);
const LISTS = new Set(['connection', 'keep-alive', 'content-encoding']);

/**
 * Checks field lines (RFC 9112 §5) and keeps those we read. ProtocolError for space before the colon, folded lines, characters
 * no header may have, too many fields.
 */
export function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  if (lines.length > MAX_FIELDS) throw new ProtocolError('too many header fields');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1)];
    if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) throw new ProtocolError('malformed header field');
    const key = name.toLowerCase();
    if (READ.has(key)) addField(fields, key, value.trim());
  }
  return fields;
}

function addField(fields: Map<string, string>, key: string, value: string): void {
  const known = fields.get(key);
  if (known === undefined) fields.set(key, value);
  else if (LISTS.has(key)) fields.set(key, `${known}, ${value}`);
  else throw new ProtocolError(`two fields named ${key}`);
}

function framingOf(status: number, version: string, fields: ReadonlyMap<string, string>): ResponseHead['framing'] {
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')];
  if (length !== undefined && coding !== undefined)
    throw new ProtocolError('both Content-Length and Transfer-Encoding');
  if (length !== undefined && !LENGTH.test(length)) throw new ProtocolError('malformed Content-Length');
  if (coding !== undefined && (version === '0' || coding.toLowerCase() !== 'chunked'))
    throw new ProtocolError('unknown Transfer-Encoding');
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'close' : Number(length);
}

function keepAliveMs(value: string | undefined): number | null {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,\s])/i.exec(value ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

/** Reads a head: its lines without the empty one that ends it. ProtocolError when it is none. */
export function readHead(text: string): ResponseHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, version = '', code] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) throw new ProtocolError('malformed status line');
  const fields = readFields(lines);
  const status = Number(code);
  const framing = framingOf(status, version, fields);
  const options = (fields.get('connection') ?? '').toLowerCase();
  return {
    status,
    framing,
    keepsAlive: framing !== 'close' && version === '1' && !/(?:^|[,\s])close(?:$|[,\s])/.test(options),
    keepAliveMs: keepAliveMs(fields.get('keep-alive')),
    contentType: fields.get('content-type') ?? null,
    contentEncoding: fields.get('content-encoding') ?? null,
    retryAfter: fields.get('retry-after') ?? null,
  };
}
