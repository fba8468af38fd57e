import { type Document, decode } from '../value/codec.ts';

/** Bytes of the values whose size their BSON type tells, by type; -1 for the others. https://bsonspec.org/spec.html */
const FIXED = new Int8Array(256).fill(-1);
for (const [type, size] of [
  [1, 8],
  [6, 0],
  [7, 12],
  [8, 1],
  [9, 8],
  [10, 0],
  [16, 4],
  [17, 8],
  [18, 8],
  [19, 16],
  [127, 0],
  [255, 0],
] as const)
  FIXED[type] = size;

/** What follows the length that a value begins with, beyond that length itself. */
const LENGTH_EXTRA: Readonly<Record<number, number>> = { 2: 4, 3: 0, 4: 0, 5: 5, 12: 16, 13: 4, 14: 4, 15: 0 };
const REGULAR_EXPRESSION = 11;

/** Names of top-level fields, ready to be looked for in bytes. */
export interface FieldPicker {
  readonly names: readonly Uint8Array[];
}

/** A picker of top-level fields. */
export function toPicker(names: Iterable<string>): FieldPicker {
  return { names: [...new Set(names)].map((name) => Buffer.from(name, 'utf8')) };
}

function int32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function afterNul(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end += 1;
  return end + 1;
}

function afterValue(bytes: Uint8Array, type: number, at: number): number {
  const fixed = FIXED[type] as number;
  if (fixed >= 0) return at + fixed;
  if (type === REGULAR_EXPRESSION) return afterNul(bytes, afterNul(bytes, at));
  return at + int32(bytes, at) + (LENGTH_EXTRA[type] as number);
}

function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at += 1) if (bytes[start + at] !== name[at]) return false;
  return true;
}

function isWanted(bytes: Uint8Array, start: number, end: number, names: readonly Uint8Array[]): boolean {
  for (const name of names) if (isNamed(bytes, start, end, name)) return true;
  return false;
}

/**
 * The document with the picked top-level fields alone, in their order; the others are stepped over, not decoded.
 * The bytes must be whole BSON, as all that is stored is.
 */
export function pickFields(bytes: Uint8Array, { names }: FieldPicker): Document {
  const parts: number[] = [];
  let size = 5;
  for (let at = 4; at < bytes.length - 1; ) {
    const nameEnd = afterNul(bytes, at + 1);
    const end = afterValue(bytes, bytes[at] as number, nameEnd);
    if (isWanted(bytes, at + 1, nameEnd - 1, names)) {
      parts.push(at, end);
      size += end - at;
    }
    at = end;
  }
  const picked = Buffer.allocUnsafe(size);
  picked.writeInt32LE(size, 0);
  let to = 4;
  for (let part = 0; part < parts.length; part += 2) {
    const slice = bytes.subarray(parts[part], parts[part + 1]);
    picked.set(slice, to);
    to += slice.length;
  }
  picked[to] = 0;
  return decode(picked);
}
