import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** A place in the log of changes. */
export interface Position {
  /** The last change that was told. */
  readonly sequence: number;
  /** The stream was told that this change ended it. */
  readonly isInvalidate: boolean;
}

/** The resume token of a place: its `_data` sorts as the places do. */
export function toToken({ sequence, isInvalidate }: Position): Document {
  return { _data: sequence.toString(16).padStart(16, '0') + (isInvalidate ? '01' : '') };
}

/** MongoError FailedToParse when it is none of this store's. */
export function fromToken(token: unknown): Position {
  const data = isDocument(token) ? token['_data'] : undefined;
  const found = typeof data === 'string' ? /^([0-9a-f]{16})(01)?$/.exec(data) : null;
  if (!found) throw new MongoError('FailedToParse', 'The resume token is not one of this store');
  return { sequence: Number.parseInt(found[1] as string, 16), isInvalidate: found[2] !== undefined };
}
