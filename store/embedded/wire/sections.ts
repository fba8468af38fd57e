import { crc32c } from './crc32c.ts';

/** A message that cannot be read: the connection is closed, as nothing after it can be trusted. */
export class WireError extends Error {}

/** A list of documents that a command takes beside its body. */
export interface Section {
  readonly field: string;
  readonly documents: Buffer[];
  readonly end: number;
}

/** The parts of an OP_MSG. */
export interface Sections {
  readonly body: Buffer;
  readonly sequences: readonly Section[];
  /** The client waits for no answer. */
  readonly isSilent: boolean;
}

/** Where the sections begin: after the header and the flags. */
const FLAGS_AT = 16;
const SECTIONS_AT = 20;
const FLAG = { checksumPresent: 1, moreToCome: 2 };
/** Flags whose meaning a reader must know; those above may be ignored. */
const REQUIRED_FLAGS = 0xffff;

function documentAt(bytes: Buffer, at: number, end: number): Buffer {
  if (at + 5 > end) throw new WireError('A document ends too early');
  const length = bytes.readInt32LE(at);
  if (length < 5 || at + length > end) throw new WireError('A document lies about its length');
  return bytes.subarray(at, at + length);
}

function sequenceAt(bytes: Buffer, at: number, limit: number): Section {
  const size = at + 4 <= limit ? bytes.readInt32LE(at) : -1;
  const end = at + size;
  const nameEnd = bytes.indexOf(0, at + 4);
  if (size < 5 || end > limit || nameEnd < 0 || nameEnd >= end) throw new WireError('A section lies about its length');
  const documents: Buffer[] = [];
  for (let next = nameEnd + 1; next < end; ) {
    const document = documentAt(bytes, next, end);
    documents.push(document);
    next += document.length;
  }
  return { field: bytes.toString('utf8', at + 4, nameEnd), documents, end };
}

/** Where the sections end: before the checksum, when there is one and it is right. */
function endOf(bytes: Buffer, flags: number): number {
  if ((flags & FLAG.checksumPresent) === 0) return bytes.length;
  const end = bytes.length - 4;
  if (end < SECTIONS_AT || bytes.readUInt32LE(end) !== crc32c(bytes.subarray(0, end)))
    throw new WireError('The checksum of an OP_MSG is wrong');
  return end;
}

/** Divides a whole OP_MSG. WireError when it does not hold together. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export function readSections(bytes: Buffer): Sections {
  if (bytes.length < SECTIONS_AT + 1) throw new WireError('An OP_MSG ends too early');
  const flags = bytes.readUInt32LE(FLAGS_AT);
  if (flags & REQUIRED_FLAGS & ~(FLAG.checksumPresent | FLAG.moreToCome)) throw new WireError('Unknown flags');
  const end = endOf(bytes, flags);
  const sequences: Section[] = [];
  let body: Buffer | null = null;
  for (let at = SECTIONS_AT; at < end; ) {
    const kind = bytes[at];
    if (kind === 0) {
      if (body) throw new WireError('An OP_MSG with two bodies');
      body = documentAt(bytes, at + 1, end);
      at += 1 + body.length;
    } else if (kind === 1) {
      const section = sequenceAt(bytes, at + 1, end);
      sequences.push(section);
      at = section.end;
    } else throw new WireError(`Unknown section kind ${kind}`);
  }
  if (!body) throw new WireError('An OP_MSG without a body');
  return { body, sequences, isSilent: (flags & FLAG.moreToCome) !== 0 };
}
