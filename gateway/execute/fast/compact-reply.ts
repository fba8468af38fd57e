import { isAscii, isUtf8 } from 'node:buffer';
import type { CompactReply } from './leaf-check.ts';

const SPACE = 0x20;
/** What numbers and names are made of. */
const BARE = /[\w.+-]/;

/** A response's bytes as they are scanned; null when they are not UTF-8. What is no JSON is left to the scanner. */
export function toCompact(bytes: Buffer): CompactReply | null {
  if (!isAscii(bytes) && !isUtf8(bytes)) return null;
  const end = endOf(bytes);
  const trimmed = end === bytes.length ? bytes : bytes.subarray(0, end);
  if (hasControl(trimmed)) return withoutSpaces(trimmed.toString('latin1'));
  return toReply(trimmed, trimmed.toString('latin1'));
}

function toReply(bytes: Buffer, text: string): CompactReply {
  return { bytes, text, isPlain: !text.includes('\\') };
}

function endOf(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1] ?? 0)) end -= 1;
  return end;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Whether a byte is below 0x20, four at a time (Mycroft's test, exact for "any byte less than n"). */
function hasControl(bytes: Buffer): boolean {
  const head = Math.min(bytes.length, -bytes.byteOffset & 3);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, (bytes.length - head) >> 2);
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as number;
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0) return true;
  }
  const rest = head + words.length * 4;
  return hasLow(bytes, 0, head) || hasLow(bytes, rest, bytes.length);
}

function hasLow(bytes: Buffer, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if ((bytes[index] as number) < SPACE) return true;
  return false;
}

/** The same JSON without whitespace between its tokens. Null when a string has a control character, which JSON forbids. */
export function withoutSpaces(text: string): CompactReply | null {
  let compact = '';
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      at += 1;
      continue;
    }
    // Two numbers or names may not become one.
    if (at > 0 && isSpace(text.charCodeAt(at - 1)) && BARE.test(text.charAt(at)) && BARE.test(compact.slice(-1)))
      return null;
    const end = code === 0x22 ? endOfQuoted(text, at) : endOfBare(text, at);
    if (end < 0) return null;
    compact += text.slice(at, end);
    at = end;
  }
  return toReply(Buffer.from(compact, 'latin1'), compact);
}

/** The end of all up to the next space or string. */
function endOfBare(text: string, from: number): number {
  let at = from;
  for (
    let code = text.charCodeAt(at);
    at < text.length && code !== 0x22 && !isSpace(code);
    code = text.charCodeAt(at)
  ) {
    if (code < SPACE) return -1;
    at += 1;
  }
  return at;
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < SPACE) return -1;
    if (code === 0x5c) at += 1;
  }
  return -1;
}
