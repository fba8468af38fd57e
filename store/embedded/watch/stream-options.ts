import { Timestamp } from 'bson';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { fromToken, type Position } from './resume-token.ts';

/** When an update's event holds the document: its present state by look-up, or the image kept with the change. */
export type FullDocument = 'default' | 'updateLookup' | 'whenAvailable' | 'required';

/** What `$changeStream` asks for. https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/ */
export interface StreamOptions {
  readonly fullDocument: FullDocument;
  readonly before: 'off' | 'whenAvailable' | 'required';
  readonly resume: Position | null;
  readonly startAt: Timestamp | null;
  readonly isClusterWide: boolean;
  /** Collections made and changed are told too, and every event says more. */
  readonly isExpanded: boolean;
}

const KNOWN = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
  'showExpandedEvents',
]);
const REFUSED = new Set(['showMigrationEvents', 'showSystemEvents', 'showRawUpdateDescription']);

function requireKnown(stage: Document): void {
  for (const [name, value] of Object.entries(stage)) {
    if (REFUSED.has(name) && value === true) throw notSupported(`$changeStream with ${name}`);
    if (!KNOWN.has(name) && !REFUSED.has(name))
      throw new MongoError('IDLUnknownField', `BSON field '$changeStream.${name}' is an unknown field.`);
  }
}

function choice<Name extends string>(stage: Document, field: string, names: readonly Name[]): Name {
  const value = stage[field] ?? names[0];
  const found = names.find((name) => name === value);
  if (!found)
    throw new MongoError('BadValue', `Enumeration value '${value}' for field '$changeStream.${field}' is not valid`);
  return found;
}

function resumeOf(stage: Document): Position | null {
  const { resumeAfter, startAfter, startAtOperationTime } = stage;
  if (resumeAfter && startAfter)
    throw new MongoError(
      'Location50865',
      "Do not specify both 'resumeAfter' and 'startAfter' in a $changeStream stage",
    );
  const token = resumeAfter ?? startAfter;
  if (token === undefined || token === null) return null;
  if (startAtOperationTime)
    throw new MongoError('Location50674', 'Only one type of resume option is allowed, but multiple were found.');
  const position = fromToken(token);
  if (resumeAfter && position.isInvalidate)
    throw new MongoError(
      'InvalidResumeToken',
      "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.",
    );
  return position;
}

/** Reads a `$changeStream` stage. MongoError for what is unknown, contradictory or not offered. */
export function toStreamOptions(stage: unknown): StreamOptions {
  if (!isDocument(stage)) throw new MongoError('FailedToParse', 'the $changeStream stage must be an object');
  requireKnown(stage);
  const time = stage['startAtOperationTime'] ?? null;
  if (time !== null && !(time instanceof Timestamp))
    throw new MongoError('TypeMismatch', '$changeStream.startAtOperationTime must be a timestamp');
  return {
    fullDocument: choice(stage, 'fullDocument', ['default', 'updateLookup', 'whenAvailable', 'required']),
    before: choice(stage, 'fullDocumentBeforeChange', ['off', 'whenAvailable', 'required']),
    resume: resumeOf(stage),
    startAt: time,
    isClusterWide: stage['allChangesForCluster'] === true,
    isExpanded: stage['showExpandedEvents'] === true,
  };
}
