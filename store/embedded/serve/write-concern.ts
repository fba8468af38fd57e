import { MONGO_CODES, MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** MongoDB's limit of members in a set. */
const MAX_MEMBERS = 50;

function refusal(codeName: 'UnsatisfiableWriteConcern' | 'UnknownReplWriteConcern', errmsg: string): Document {
  return { writeConcernError: { code: MONGO_CODES[codeName], codeName, errmsg } };
}

/**
 * What a write concern adds to the answer of a write that went well: nothing, since every write is on the disk of the one
 * member before it is answered, or why more members cannot have it. MongoError FailedToParse.
 */
export function toConcernError(concern: unknown): Document {
  if (concern === undefined) return {};
  if (!isDocument(concern)) throw new MongoError('TypeMismatch', 'writeConcern must be a document');
  const { w = 1 } = concern;
  if (w === 'majority') return {};
  if (typeof w === 'string')
    return refusal('UnknownReplWriteConcern', `No write concern mode named '${w}' found in replica set configuration`);
  if (typeof w !== 'number' || w < 0 || w > MAX_MEMBERS)
    throw new MongoError('FailedToParse', `w has to be a number from 0 to ${MAX_MEMBERS}, or a string`);
  return w <= 1 ? {} : refusal('UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
}
