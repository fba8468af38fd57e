import { checkStages, runStages, stageName } from '../aggregate/stages.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, encode, isDocument } from '../value/codec.ts';

/** Stages that take one event and give at most one. https://www.mongodb.com/docs/manual/changeStreams/#modify-change-stream-output */
const ALLOWED = new Set([
  '$addFields',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$set',
  '$unset',
]);
/** Bytes of one event at most: 16 MiB and what MongoDB leaves for its own use. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024 + 16 * 1024;
/** Labels of an error that the same token would meet again. */
const FATAL = { errorLabels: ['NonResumableChangeStreamError'] };

/** Checks the stages after `$changeStream`. MongoError UnrecognizedStage, IllegalOperation, CommandNotSupported. */
export function checkStreamStages(stages: readonly Document[]): void {
  for (const stage of stages) {
    const name = stageName(stage);
    if (name === '$changeStreamSplitLargeEvent') throw notSupported('The stage $changeStreamSplitLargeEvent');
    checkStages([stage]);
    if (!ALLOWED.has(name))
      throw new MongoError('IllegalOperation', `${name} is not permitted in a $changeStream pipeline`);
  }
}

/** Runs the stages over events. MongoError ChangeStreamFatalError when one loses or changes an event's `_id`, its resume token. */
export function shapeEvents(
  events: readonly Document[],
  stages: readonly Document[],
  variables: Document | undefined,
): Uint8Array[] {
  const tokens = new Set(events.map((event) => event['_id']['_data']));
  return runStages(events, stages, new Map(), variables).map((event) => {
    if (!isDocument(event['_id']) || !tokens.has(event['_id']['_data']))
      throw new MongoError(
        'ChangeStreamFatalError',
        'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline.',
        FATAL,
      );
    const bytes = encode(event);
    if (bytes.length > MAX_EVENT_BYTES)
      throw new MongoError('BSONObjectTooLarge', `A change event of ${bytes.length} bytes is too large`, FATAL);
    return bytes;
  });
}
