import type { CursorBatch, Reply } from '../commands/command-run.ts';
import { encode } from '../value/codec.ts';
import { HEADER_SIZE, OP } from './messages.ts';

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** BSON of the parts with length in front and end mark behind. */
function enclose(parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  return Buffer.concat([int32(length), ...parts, Buffer.of(0)], length);
}

/** Members of an encoded document without its length and end mark. */
function members(document: Uint8Array): Uint8Array {
  return document.subarray(4, -1);
}

function element(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`, 'latin1')]);
}

function arrayOf(documents: readonly Uint8Array[]): Buffer {
  return enclose(documents.flatMap((document, at) => [element(3, String(at)), document]));
}

/** The `cursor` member, with stored documents as they are: not decoded, not encoded again. */
function cursorMember({ field, documents, id, namespace, postBatchResumeToken }: CursorBatch): Buffer {
  const id64 = Buffer.allocUnsafe(8);
  id64.writeBigInt64LE(id);
  const facts = members(encode({ ns: namespace, ...(postBatchResumeToken ? { postBatchResumeToken } : {}) }));
  const cursor = enclose([element(4, field), arrayOf(documents), element(18, 'id'), id64, facts]);
  return Buffer.concat([element(3, 'cursor'), cursor]);
}

function toBson({ document, batch }: Reply): Uint8Array {
  const bytes = encode(document);
  return batch ? enclose([cursorMember(batch), members(bytes)]) : bytes;
}

function header(length: number, responseTo: number, opCode: number): Buffer {
  const bytes = Buffer.alloc(HEADER_SIZE);
  bytes.writeInt32LE(length, 0);
  bytes.writeInt32LE(0, 4);
  bytes.writeInt32LE(responseTo, 8);
  bytes.writeInt32LE(opCode, 12);
  return bytes;
}

/** An answer as OP_MSG. */
export function toOpMsg(reply: Reply, responseTo: number): Buffer {
  const body = toBson(reply);
  const length = HEADER_SIZE + 5 + body.length;
  return Buffer.concat([header(length, responseTo, OP.msg), Buffer.alloc(5), body], length);
}

/** An answer as OP_REPLY, for the handshake of old. */
export function toOpReply(reply: Reply, responseTo: number): Buffer {
  const body = toBson(reply);
  const length = HEADER_SIZE + 20 + body.length;
  const facts = Buffer.alloc(20);
  facts.writeInt32LE(8, 0);
  facts.writeInt32LE(1, 16);
  return Buffer.concat([header(length, responseTo, OP.reply), facts, body], length);
}
