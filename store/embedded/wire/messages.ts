import type { Request } from '../commands/command-run.ts';
import { MongoError } from '../mongo-error.ts';
import { decodeCommand, decodeKeepingRaw } from '../value/codec.ts';
import { checkBson } from './check-bson.ts';
import { readSections, type Section, WireError } from './sections.ts';

export { WireError } from './sections.ts';

/** Wire protocol op codes. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export const OP = { reply: 1, query: 2004, msg: 2013 } as const;

/** Bytes of a message header: length, request id, response to, op code. */
export const HEADER_SIZE = 16;

/** A message from a client. */
export interface Incoming {
  readonly requestId: number;
  readonly opCode: number;
  /** A MongoError when the message is whole but its BSON is not: it is answered, and the connection goes on. */
  readonly request: Request | MongoError;
  /** The client waits for no answer. */
  readonly isSilent: boolean;
}

function commandName(bytes: Buffer): string {
  if (bytes.length < 7) throw new MongoError('InvalidBSON', 'A command without a name');
  const end = bytes.indexOf(0, 5);
  return bytes.toString('utf8', 5, end);
}

function rejectTwice(body: object, sequences: readonly Section[]): void {
  const names = sequences.map(({ field }) => field);
  const twice = names.find((name, at) => Object.hasOwn(body, name) || names.indexOf(name) !== at);
  if (twice !== undefined) throw new MongoError('FailedToParse', `The field ${twice} is given twice`);
}

function toRequest(body: Buffer, sequences: readonly Section[]): Request {
  checkBson(body);
  const name = commandName(body);
  if (name !== 'insert') {
    const lists = sequences.map(({ field, documents }) => [field, documents.map(toDocument)]);
    const decoded = decodeCommand(body);
    rejectTwice(decoded, sequences);
    return { name, body: { ...decoded, ...Object.fromEntries(lists) }, documents: [] };
  }
  const decoded = decodeKeepingRaw(body, 'documents');
  rejectTwice(decoded, sequences);
  const inBody: unknown = decoded['documents'] ?? [];
  if (!Array.isArray(inBody) || !inBody.every((it) => it instanceof Uint8Array))
    throw new MongoError('TypeMismatch', 'documents must be an array of documents');
  const inSequence = sequences.filter(({ field }) => field === 'documents').flatMap(({ documents }) => documents);
  inSequence.forEach(checkBson);
  // Copies, since what is inserted outlives the network buffer it came in.
  return { name, body: decoded, documents: [...inBody, ...inSequence].map((bytes) => Uint8Array.from(bytes)) };
}

function toDocument(bytes: Uint8Array) {
  checkBson(bytes);
  return decodeCommand(bytes);
}

/** What cannot be decoded is the client's fault, and told it. */
function read(request: () => Request): Request | MongoError {
  try {
    return request();
  } catch (error) {
    return error instanceof MongoError ? error : new MongoError('InvalidBSON', (error as Error).message);
  }
}

function readQuery(bytes: Buffer): Request | MongoError {
  const nameEnd = bytes.indexOf(0, HEADER_SIZE + 4);
  const at = nameEnd + 9;
  if (nameEnd < 0 || at + 5 > bytes.length) throw new WireError('An OP_QUERY ends too early');
  const length = bytes.readInt32LE(at);
  if (length < 5 || at + length > bytes.length) throw new WireError('A document lies about its length');
  return read(() => toRequest(bytes.subarray(at, at + length), []));
}

/** Reads one whole message. WireError when it is not one. */
export function readMessage(bytes: Buffer): Incoming {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === OP.query) return { requestId, opCode, request: readQuery(bytes), isSilent: false };
  if (opCode !== OP.msg) throw new WireError(`Op code ${opCode} is not served`);
  const { body, sequences, isSilent } = readSections(bytes);
  return { requestId, opCode, request: read(() => toRequest(body, sequences)), isSilent };
}
