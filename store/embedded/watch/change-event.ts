import { Binary, Long } from 'bson';
import { toRecordKey } from '../collection/record-key.ts';
import type { LoggedChange } from '../engine/change.ts';
import type { Engine } from '../engine/engine.ts';
import { MongoError } from '../mongo-error.ts';
import { type Document, decode } from '../value/codec.ts';
import { toToken } from './resume-token.ts';
import type { StreamOptions } from './stream-options.ts';

function toNamespace(namespace: string): Document {
  const dot = namespace.indexOf('.');
  const collection = namespace.slice(dot + 1);
  return { db: namespace.slice(0, dot), ...(collection ? { coll: collection } : {}) };
}

/** The document as it is now; null when it is gone, or its collection with it. */
function lookUp(engine: Engine, change: LoggedChange): Document | null {
  const collection = engine.catalog.find(change.namespace);
  if (!collection || (change.uuid && Buffer.compare(collection.uuid, change.uuid) !== 0)) return null;
  const bytes = engine.disk.get(collection.id + toRecordKey(change.id));
  return bytes ? decode(bytes) : null;
}

function imageOf(bytes: Uint8Array | undefined, which: string, isRequired: boolean): Document | null {
  if (bytes) return decode(bytes);
  if (!isRequired) return null;
  throw new MongoError(
    'NoMatchingDocument',
    `Change stream was configured to require a ${which} for all update, delete and replace events, but the ${which} was not found for event`,
    { errorLabels: ['NonResumableChangeStreamError'] },
  );
}

function fullDocumentOf(engine: Engine, change: LoggedChange, { fullDocument }: StreamOptions): Document {
  if (change.operation !== 'update') return change.bytes ? { fullDocument: decode(change.bytes) } : {};
  if (fullDocument === 'default') return {};
  if (fullDocument === 'updateLookup') return { fullDocument: lookUp(engine, change) };
  return { fullDocument: imageOf(change.bytes, 'post-image', fullDocument === 'required') };
}

const HAS_BEFORE = new Set(['update', 'replace', 'delete']);

function beforeOf(change: LoggedChange, { before }: StreamOptions): Document {
  if (before === 'off' || !HAS_BEFORE.has(change.operation)) return {};
  return { fullDocumentBeforeChange: imageOf(change.before, 'pre-image', before === 'required') };
}

function descriptionOf({ description }: LoggedChange, { isExpanded }: StreamOptions): Document {
  if (!description) return {};
  const { disambiguatedPaths, ...plain } = description;
  return { updateDescription: isExpanded && disambiguatedPaths ? { ...plain, disambiguatedPaths } : plain };
}

function expandedOf(change: LoggedChange): Document {
  const { uuid, details, to } = change;
  const described = to ? { ...details, to: toNamespace(to) } : details;
  return {
    ...(uuid ? { collectionUUID: new Binary(uuid, 4) } : {}),
    ...(described ? { operationDescription: described } : {}),
  };
}

/** What a stream tells of a change. MongoError NoMatchingDocument when an image it requires is not kept. */
export function toEvent(engine: Engine, change: LoggedChange, options: StreamOptions): Document {
  const { transaction, to } = change;
  return {
    _id: toToken({ sequence: change.sequence, isInvalidate: false }),
    operationType: change.operation,
    clusterTime: change.time,
    wallTime: change.wall,
    ...(options.isExpanded ? expandedOf(change) : {}),
    ...fullDocumentOf(engine, change, options),
    ns: toNamespace(change.namespace),
    ...(to ? { to: toNamespace(to) } : {}),
    ...('id' in change ? { documentKey: { _id: change.id } } : {}),
    ...descriptionOf(change, options),
    ...beforeOf(change, options),
    ...(transaction ? { lsid: transaction.lsid, txnNumber: Long.fromNumber(transaction.txnNumber) } : {}),
  };
}

/** The last event of a stream: the change took away what it watched. */
export function toInvalidate({ sequence, time, wall }: LoggedChange): Document {
  return {
    _id: toToken({ sequence, isInvalidate: true }),
    operationType: 'invalidate',
    clusterTime: time,
    wallTime: wall,
  };
}
