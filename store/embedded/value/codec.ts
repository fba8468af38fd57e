import { type Document, deserialize, serialize } from 'bson';

import { MongoError } from '../mongo-error.ts';

export type { Document } from 'bson';

const PROMOTION = { promoteValues: true, promoteLongs: true, promoteBuffers: false };

/**
 * BSON bytes to a document: numbers and dates as JavaScript's own, binary, ids and patterns as BSON classes (a pattern kept
 * need not be one of JavaScript's). Throws BSONError on bytes that lie.
 */
export function decode(bytes: Uint8Array): Document {
  return deserialize(bytes, { ...PROMOTION, bsonRegExp: true });
}

/** Like `decode`, with patterns as RegExp when JavaScript can read all of them: what a command asks for. */
export function decodeCommand(bytes: Uint8Array): Document {
  try {
    return deserialize(bytes, PROMOTION);
  } catch (error) {
    if (error instanceof SyntaxError) return decode(bytes);
    throw error;
  }
}

/** Like `decode`, but the elements of the array at the top-level `field` stay raw BSON, so that what is stored is what was sent. */
export function decodeKeepingRaw(bytes: Uint8Array, field: string): Document {
  return deserialize(bytes, { promoteValues: true, promoteBuffers: false, fieldsAsRaw: { [field]: true } });
}

/** Bytes a document may have with what a command or an answer puts around it. What is over 17 MB comes out of the encoder cut. */
const MAX_ENCODED = 16 * 1024 * 1024 + 16 * 1024;

/**
 * A document to BSON bytes. Whole numbers become int32 or double as the driver does; undefined members become null.
 * MongoError BSONObjectTooLarge.
 */
export function encode(document: Document): Uint8Array {
  const bytes = serialize(document, { ignoreUndefined: false });
  if (bytes.length <= MAX_ENCODED) return bytes;
  throw new MongoError('BSONObjectTooLarge', `A document of more than ${MAX_ENCODED} bytes is too large`);
}

/** A plain document: not an array, not a date, not one of BSON's own classes. */
export function isDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp) &&
    !ArrayBuffer.isView(value) &&
    (value as { _bsontype?: unknown })._bsontype === undefined
  );
}

/** A regular expression, JavaScript's or BSON's. */
export function isPattern(value: unknown): boolean {
  return value instanceof RegExp || (value as { _bsontype?: string } | null | undefined)?._bsontype === 'BSONRegExp';
}

/** Sets a field by any name; `__proto__` is one as good as others. */
export function setOwn(document: Document, name: string, value: unknown): void {
  if (name !== '__proto__') document[name] = value;
  else Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A deep copy that shares only immutable leaves. */
export function clone<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(clone) as Value;
  if (value instanceof Date) return new Date(value) as Value;
  if (!isDocument(value)) return value;
  const copy: Document = {};
  for (const key of Object.keys(value)) setOwn(copy, key, clone((value as Document)[key]));
  return copy as Value;
}
