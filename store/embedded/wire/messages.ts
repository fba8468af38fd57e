import type { Request } from '../commands/command-run.ts';
import { decode, decodeKeepingRaw } from '../value/codec.ts';

/** Wire protocol op codes. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export const OP = { reply: 1, query: 2004, msg: 2013 } as const;

/** Bytes of a message header: length, request id, response to, op code. */
export const HEADER_SIZE = 16;

const FLAG = { checksumPresent: 1, moreToCome: 2 };

/** A message that cannot be read: the connection is closed, as nothing after it can be trusted. */
export class WireError extends Error {}

/** A message from a client. */
export interface Incoming {
  readonly requestId: number;
  readonly opCode: number;
  readonly request: Request;
  /** The client waits for no answer. */
  readonly isSilent: boolean;
}

function documentAt(bytes: Buffer, at: number, end: number): Buffer {
  if (at + 5 > end) throw new WireError('A document ends too early');
  const length = bytes.readInt32LE(at);
  if (length < 5 || at + length > end) throw new WireError('A document lies about its length');
  return bytes.subarray(at, at + length);
}

function commandName(bytes: Buffer): string {
  if (bytes.length < 7) throw new WireError('A command without a name');
  const end = bytes.indexOf(0, 5);
  return bytes.toString('utf8', 5, end);
}

interface Section {
  readonly field: string;
  readonly documents: Buffer[];
  readonly end: number;
}

function readSequence(bytes: Buffer, at: number, limit: number): Section {
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

function toRequest(body: Buffer, sequences: readonly Section[]): Request {
  const name = commandName(body);
  if (name !== 'insert') {
    const lists = sequences.map(({ field, documents }) => [field, documents.map((document) => decode(document))]);
    return { name, body: { ...decode(body), ...Object.fromEntries(lists) }, documents: [] };
  }
  const decoded = decodeKeepingRaw(body, 'documents');
  const inBody = (decoded['documents'] ?? []) as Uint8Array[];
  const inSequence = sequences.filter(({ field }) => field === 'documents').flatMap(({ documents }) => documents);
  // Copies, since what is inserted outlives the network buffer it came in.
  return { name, body: decoded, documents: [...inBody, ...inSequence].map((bytes) => Uint8Array.from(bytes)) };
}

function readMsg(bytes: Buffer): Pick<Incoming, 'request' | 'isSilent'> {
  if (bytes.length < HEADER_SIZE + 5) throw new WireError('An OP_MSG ends too early');
  const flags = bytes.readUInt32LE(HEADER_SIZE);
  const end = bytes.length - (flags & FLAG.checksumPresent ? 4 : 0);
  const sequences: Section[] = [];
  let body: Buffer | null = null;
  for (let at = HEADER_SIZE + 4; at < end; ) {
    const kind = bytes[at];
    if (kind === 0) {
      body = documentAt(bytes, at + 1, end);
      at += 1 + body.length;
    } else if (kind === 1) {
      const section = readSequence(bytes, at + 1, end);
      sequences.push(section);
      at = section.end;
    } else throw new WireError(`Unknown section kind ${kind}`);
  }
  if (!body) throw new WireError('An OP_MSG without a body');
  return { request: toRequest(body, sequences), isSilent: (flags & FLAG.moreToCome) !== 0 };
}

function readQuery(bytes: Buffer): Pick<Incoming, 'request' | 'isSilent'> {
  const nameEnd = bytes.indexOf(0, HEADER_SIZE + 4);
  if (nameEnd < 0) throw new WireError('An OP_QUERY without a collection');
  const body = documentAt(bytes, nameEnd + 9, bytes.length);
  return { request: { name: commandName(body), body: decode(body), documents: [] }, isSilent: false };
}

/** Reads one whole message. WireError or BSONError when it is not one. */
export function readMessage(bytes: Buffer): Incoming {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === OP.msg) return { requestId, opCode, ...readMsg(bytes) };
  if (opCode === OP.query) return { requestId, opCode, ...readQuery(bytes) };
  throw new WireError(`Op code ${opCode} is not served`);
}
