import type { GraphQLOutputType } from 'graphql';
import { isEnumType, isLeafType, isListType, isNonNullType, isSpecifiedScalarType } from 'graphql';
import { Unplain } from './unplain.ts';

/** A reply without insignificant whitespace: its bytes, and the same as latin1 text, so that indices agree. */
export interface CompactReply {
  readonly bytes: Buffer;
  readonly text: string;
  /** Whether no backslash is in it: strings then end at the next quotation mark. */
  readonly isPlain: boolean;
}

/**
 * Where the value at an index ends; -1 when the exact executor would write it otherwise than it stands there, or not at all.
 * The reply has no control characters.
 */
export type LeafCheck = (reply: CompactReply, at: number) => number;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const MINUS = 0x2d;
/** `"\/bfnrt` after a backslash are JSON; JSON.stringify writes all of them so except the slash. */
const ESCAPES = new Set([...'"\\bfnrt'].map((character) => character.charCodeAt(0)));
const MAX_INT = 2_147_483_647;
const MIN_INT = -2_147_483_648;

/** The check of a leaf that clients see as `type`; null for one that only the plan reads. Throws Unplain. */
export function leafCheckOf(type: GraphQLOutputType | null): LeafCheck {
  if (type === null) return endOfAny;
  if (!isNonNullType(type)) return orNull(nonNullCheckOf(type));
  return nonNullCheckOf(type.ofType);
}

function nonNullCheckOf(type: GraphQLOutputType): LeafCheck {
  if (isListType(type)) return listOf(leafCheckOf(type.ofType));
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (reply, at) => {
      const end = endOfString(reply, at);
      return end > 0 && names.has(reply.text.slice(at + 1, end - 1)) ? end : -1;
    };
  }
  if (!isLeafType(type)) throw new Unplain('abstract-type');
  // A null in a custom scalar's non-null place is caught here, too: endOfAny alone would let it pass.
  if (!isSpecifiedScalarType(type)) return (reply, at) => (isNull(reply, at) ? -1 : endOfAny(reply, at));
  return BUILT_IN[type.name] ?? endOfAny;
}

const BUILT_IN: Readonly<Record<string, LeafCheck>> = {
  String: endOfString,
  ID: endOfString,
  Boolean: endOfBoolean,
  Int: endOfInt,
  Float: endOfNumber,
};

/** Whether a type is checked as a plain string: generated code does that itself. */
export function isText(type: GraphQLOutputType | null): boolean {
  const inner = type !== null && isNonNullType(type) ? type.ofType : type;
  return inner !== null && isLeafType(inner) && (inner.name === 'String' || inner.name === 'ID');
}

function orNull(check: LeafCheck): LeafCheck {
  return (reply, at) => (isNull(reply, at) ? at + 4 : check(reply, at));
}

function isNull({ bytes, text }: CompactReply, at: number): boolean {
  return bytes[at] === 0x6e && text.startsWith('null', at);
}

function endOfString({ bytes, text, isPlain }: CompactReply, at: number): number {
  if (bytes[at] !== QUOTE) return -1;
  if (isPlain) return text.indexOf('"', at + 1) + 1 || -1;
  for (let index = at + 1; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) return index + 1;
    if (byte !== BACKSLASH) continue;
    index += 1;
    if (!ESCAPES.has(bytes[index] ?? 0)) return -1;
  }
  return -1;
}

function endOfBoolean({ text }: CompactReply, at: number): number {
  if (text.startsWith('true', at)) return at + 4;
  return text.startsWith('false', at) ? at + 5 : -1;
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  for (let byte = bytes[end]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = bytes[end]) end += 1;
  return end;
}

function endOfInt({ bytes, text }: CompactReply, at: number): number {
  const first = bytes[at] === MINUS ? at + 1 : at;
  const end = endOfDigits(bytes, first);
  const digits = end - first;
  // Neither a leading zero nor minus zero, both of which are written otherwise.
  if (digits === 0 || digits > 10 || (bytes[first] === 0x30 && (digits > 1 || first > at))) return -1;
  if (digits === 10) {
    const value = Number(text.slice(at, end));
    if (value > MAX_INT || value < MIN_INT) return -1;
  }
  return goesOn(bytes[end]) ? -1 : end;
}

/** Whether a byte belongs to the number before it: a fraction, an exponent. */
function goesOn(byte: number | undefined): boolean {
  return byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === MINUS;
}

function endOfNumber({ bytes, text }: CompactReply, at: number): number {
  let end = at;
  for (let next = endOfDigits(bytes, end); next > end || goesOn(bytes[next]); next = endOfDigits(bytes, end))
    end = next > end ? next : next + 1;
  if (end === at) return -1;
  const number = text.slice(at, end);
  // As JSON.stringify writes it; that form is JSON's own grammar, too.
  return String(Number(number)) === number ? end : -1;
}

/** Any JSON value that is written as JSON.stringify would write it after JSON.parse. */
function endOfAny(reply: CompactReply, at: number): number {
  const { bytes, text } = reply;
  const first = bytes[at];
  if (first === QUOTE) return endOfString(reply, at);
  if (first === MINUS || (first !== undefined && first >= 0x30 && first <= 0x39)) return endOfNumber(reply, at);
  if (isNull(reply, at)) return at + 4;
  if (first !== BRACKET && first !== 0x7b) return endOfBoolean(reply, at);
  const end = endOfNested(reply, at);
  return end > 0 && isCanonical(text.slice(at, end)) ? end : -1;
}

function endOfNested(reply: CompactReply, at: number): number {
  const { bytes } = reply;
  let depth = 0;
  for (let index = at; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      const end = endOfString(reply, index);
      if (end < 0) return -1;
      index = end - 1;
    } else if (byte === BRACKET || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth === 0) return index + 1;
  }
  return -1;
}

function isCanonical(json: string): boolean {
  try {
    return JSON.stringify(JSON.parse(json)) === json;
  } catch {
    // It is no JSON: the exact executor says so.
    return false;
  }
}

function listOf(item: LeafCheck): LeafCheck {
  return (reply, at) => {
    const { bytes } = reply;
    if (bytes[at] !== BRACKET) return -1;
    if (bytes[at + 1] === 0x5d) return at + 2;
    for (let index = at + 1; ; index += 1) {
      index = item(reply, index);
      if (index < 0) return -1;
      if (bytes[index] === 0x5d) return index + 1;
      if (bytes[index] !== 0x2c) return -1;
    }
  };
}
