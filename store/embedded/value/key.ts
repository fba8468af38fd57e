import { createHash } from 'node:crypto';
import type { Binary, Code, Long, ObjectId, Timestamp } from 'bson';
import type { Document } from './codec.ts';
import { isNumeric, residue, toDouble } from './numbers.ts';

/**
 * Keys: any BSON value as a string of bytes (one character a byte) that sorts bytewise as MongoDB sorts the values.
 * Every encoding ends itself, so that fields can follow each other. Order of the types:
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export const TAG = {
  minKey: '\x0a',
  emptyArray: '\x14',
  null: '\x1e',
  number: '\x28',
  string: '\x32',
  object: '\x3c',
  array: '\x46',
  binary: '\x50',
  objectId: '\x5a',
  boolean: '\x64',
  date: '\x6e',
  timestamp: '\x78',
  regExp: '\x82',
  code: '\x8c',
  maxKey: '\xf0',
} as const;

const END = '\x00';
const scratch = Buffer.alloc(8);

function text(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what must be escaped
  const plain = /^[\x01-\x7f]*$/.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  return `${plain.includes('\x00') ? plain.replace(/\x00/g, '\x00\xff') : plain}\x00\x01`;
}

function double(value: number): string {
  scratch.writeDoubleBE(Number.isNaN(value) ? 0 : value === 0 ? 0 : value);
  if (Number.isNaN(value)) return '\x00\x00\x00\x00\x00\x00\x00\x00';
  if ((scratch[0] as number) & 0x80) for (let at = 0; at < 8; at += 1) scratch[at] = ~(scratch[at] as number) & 0xff;
  else scratch[0] = (scratch[0] as number) | 0x80;
  return scratch.toString('latin1', 0, 8);
}

function number(value: unknown): string {
  const nearest = toDouble(value);
  if (Math.abs(nearest) < Number.MAX_SAFE_INTEGER || Number.isNaN(nearest)) return double(nearest);
  const extra = Number.isFinite(nearest) ? residue(value, nearest) : 0;
  return double(nearest) + String.fromCharCode(((extra + 0x8000) >> 8) & 0xff, (extra + 0x8000) & 0xff);
}

function integer64(value: bigint): string {
  scratch.writeBigUInt64BE(BigInt.asUintN(64, value));
  return scratch.toString('latin1', 0, 8);
}

function object(value: Document): string {
  let key = '';
  for (const name of Object.keys(value)) {
    const member = encodeValue(value[name]);
    key += member[0] + text(name) + member.slice(1);
  }
  return key + END;
}

function binary(value: Binary): string {
  const bytes = Buffer.from(value.buffer.subarray(0, value.position));
  scratch.writeUInt32BE(bytes.length);
  return scratch.toString('latin1', 0, 4) + String.fromCharCode(value.sub_type) + bytes.toString('latin1');
}

function view(value: ArrayBufferView): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  scratch.writeUInt32BE(bytes.length);
  return `${scratch.toString('latin1', 0, 4)}\x00${bytes.toString('latin1')}`;
}

function code(value: Code): string {
  return text(String(value.code)) + (value.scope ? object(value.scope) : END);
}

/** As the same pattern in BSON is written: JavaScript puts a backslash before `/`, the decoder turns option `s` into flag `g`. */
function pattern(value: RegExp): string {
  const options = [value.ignoreCase ? 'i' : '', value.multiline ? 'm' : '', value.global || value.dotAll ? 's' : ''];
  return text(value.source.replaceAll('\\/', '/')) + text(options.join(''));
}

const SIGN = 1n << 63n;

/** How BSON's own classes are written, by `_bsontype`. */
const CLASSES: Readonly<Record<string, (value: never) => string>> = {
  // `id` of an ObjectId is a new copy at each access; toHexString reads it once.
  ObjectId: (value: ObjectId) => TAG.objectId + Buffer.from(value.toHexString(), 'hex').toString('latin1'),
  Binary: (value: Binary) => TAG.binary + binary(value),
  Timestamp: (value: Timestamp) => TAG.timestamp + integer64((value as unknown as Long).toBigInt()),
  BSONRegExp: (value: { pattern: string; options: string }) => TAG.regExp + text(value.pattern) + text(value.options),
  BSONSymbol: (value: { value: string }) => TAG.string + text(value.value),
  Code: (value: Code) => TAG.code + code(value),
  MinKey: () => TAG.minKey,
  MaxKey: () => TAG.maxKey,
};

function encodeObject(value: object): string {
  if (Array.isArray(value)) return `${TAG.array}${value.map(encodeValue).join('')}${END}`;
  if (value instanceof Date) return TAG.date + integer64(BigInt(value.getTime()) + SIGN);
  if (value instanceof RegExp) return TAG.regExp + pattern(value);
  if (ArrayBuffer.isView(value)) return TAG.binary + view(value);
  const tag = (value as { _bsontype?: string })._bsontype;
  if (tag === undefined) return TAG.object + object(value as Document);
  if (isNumeric(value)) return TAG.number + number(value);
  const write = CLASSES[tag];
  if (!write) throw new TypeError(`BSON type ${tag} cannot be a key`);
  return write(value as never);
}

/** The key of a value; missing counts as null. */
export function encodeValue(value: unknown): string {
  if (value === null || value === undefined) return TAG.null;
  if (typeof value === 'string') return TAG.string + text(value);
  if (typeof value === 'number' || typeof value === 'bigint') return TAG.number + number(value);
  if (typeof value === 'boolean') return TAG.boolean + (value ? '\x01' : '\x00');
  if (typeof value === 'object') return encodeObject(value);
  throw new TypeError(`${typeof value} cannot be a key`);
}

/** Bytewise complement: makes a key sort the other way round. */
export function invert(key: string): string {
  const bytes = Buffer.from(key, 'latin1');
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = ~(bytes[at] as number) & 0xff;
  return bytes.toString('latin1');
}

/** The least key above every key that begins with `prefix`. */
export function successor(prefix: string): string {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end -= 1;
  if (end === 0) return '\xff'.repeat(8);
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}

/** Characters of the digest in which a shortened key ends. */
export const DIGEST_LENGTH = 32;

/** `key`, or when longer than `limit` its beginning and a digest: equal stays equal, order holds but among values alike so far. */
export function shorten(key: string, limit: number): string {
  if (key.length <= limit) return key;
  const digest = createHash('sha256').update(key, 'latin1').digest().toString('latin1');
  return key.slice(0, limit - DIGEST_LENGTH) + digest;
}
