import { MongoError, notSupported } from '../mongo-error.ts';
import { compileFilter } from '../query/filter.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { runByMingo, type Variables } from './expressions.ts';
import { compileSetFields } from './set-fields.ts';

/** Stages that look at one document at a time. */
export const PER_DOCUMENT: ReadonlySet<string> = new Set([
  '$addFields',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$set',
  '$unset',
  '$unwind',
]);

/** Stages of ours, and those mingo does over all documents at hand. */
const OFFERED: ReadonlySet<string> = new Set([
  ...PER_DOCUMENT,
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$graphLookup',
  '$group',
  '$limit',
  '$listLocalSessions',
  '$lookup',
  '$match',
  '$merge',
  '$out',
  '$sample',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unionWith',
]);

/** Stages of MongoDB 7.0 that the embedded store refuses. */
const REFUSED: ReadonlySet<string> = new Set([
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$currentOp',
  '$geoNear',
  '$indexStats',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$listSessions',
  '$planCacheStats',
  '$search',
  '$searchMeta',
  '$shardedDataDistribution',
  '$vectorSearch',
]);

/** Stages that begin a pipeline, that end one. */
const FIRST: ReadonlySet<string> = new Set(['$documents', '$listLocalSessions']);
const LAST: ReadonlySet<string> = new Set(['$merge', '$out']);
const NOT_IN_FACET: ReadonlySet<string> = new Set(['$facet', ...FIRST, ...LAST]);

/** The name of a stage. MongoError UnrecognizedStage when it has not exactly one. */
export function stageName(stage: unknown): string {
  const names = isDocument(stage) ? Object.keys(stage) : [];
  if (names.length !== 1)
    throw new MongoError('UnrecognizedStage', 'A pipeline stage specification object must contain exactly one field.');
  return names[0] as string;
}

function checkFacets(facets: unknown): void {
  if (!isDocument(facets) || Object.keys(facets).length === 0)
    throw new MongoError('BadValue', 'the $facet specification must be a non-empty object');
  for (const part of Object.values(facets)) {
    if (!Array.isArray(part)) throw new MongoError('BadValue', 'arguments to $facet must be arrays');
    const refused = part.map(stageName).find((name) => NOT_IN_FACET.has(name));
    if (refused) throw new MongoError('BadValue', `${refused} is not allowed to be used within a $facet stage`);
    checkStages(part);
  }
}

function checkName(name: string): void {
  if (REFUSED.has(name)) throw notSupported(`The stage ${name}`);
  if (!OFFERED.has(name)) throw new MongoError('UnrecognizedStage', `Unrecognized pipeline stage name: '${name}'`);
}

/**
 * Refuses what cannot run: MongoError UnrecognizedStage for a name MongoDB does not know either, CommandNotSupported for
 * one that is not offered, BadValue for a stage in the wrong place. `mayWrite`: `$out` and `$merge` may end it.
 */
export function checkStages(pipeline: readonly unknown[], mayWrite = false): void {
  for (const [at, stage] of pipeline.entries()) {
    const name = stageName(stage);
    checkName(name);
    if (FIRST.has(name) && at > 0) throw new MongoError('BadValue', `${name} is only valid as the first stage`);
    if (LAST.has(name) && !(mayWrite && at === pipeline.length - 1))
      throw new MongoError('BadValue', `${name} can only be the final stage in the pipeline`);
    checkInner(name, (stage as Document)[name]);
  }
}

function checkInner(name: string, inner: unknown): void {
  if (name === '$facet') checkFacets(inner);
  else if (!LAST.has(name) && isDocument(inner) && Array.isArray(inner['pipeline'])) checkStages(inner['pipeline']);
}

/** Collections that stages of the pipeline read besides their own. */
export function namesRead(pipeline: readonly Document[]): string[] {
  return pipeline.flatMap((stage) => {
    const name = stageName(stage);
    const inner = stage[name];
    if (name === '$facet') return Object.values(inner).flatMap((part) => namesRead(part as Document[]));
    if (name === '$unionWith' && typeof inner === 'string') return [inner];
    if (!isDocument(inner)) return [];
    const from = inner['from'] ?? inner['coll'];
    return [...(typeof from === 'string' ? [from] : []), ...namesRead(inner['pipeline'] ?? [])];
  });
}

/** Runs `$match` and stages that look at one document at a time, over documents at hand. */
export function runStages(
  documents: readonly Document[],
  stages: readonly Document[],
  _foreign: ReadonlyMap<string, Document[]>,
  variables: Document | undefined,
): Document[] {
  return runPerDocument(documents, stages, variables ?? {});
}

function compileStage(stage: Document, variables: Variables): (documents: Document[]) => Document[] {
  const name = stageName(stage);
  if (name === '$match') {
    const matches = compileFilter(stage[name], variables);
    return (documents) => documents.filter(matches);
  }
  if (name === '$set' || name === '$addFields') {
    const set = compileSetFields(stage[name], variables);
    return (documents) => documents.map(set);
  }
  return (documents) => runByMingo(documents, [stage], variables);
}

/** `$match` and stages of `PER_DOCUMENT`, ready for many chunks of documents. MongoError BadValue. */
export function compilePerDocument(
  stages: readonly Document[],
  variables: Variables,
): (documents: Document[]) => Document[] {
  const compiled = stages.map((stage) => compileStage(stage, variables));
  return (documents) => compiled.reduce((current, run) => run(current), documents);
}

/** Runs `$match` and stages of `PER_DOCUMENT` over documents at hand. MongoError BadValue. */
export function runPerDocument(
  documents: readonly Document[],
  stages: readonly Document[],
  variables: Variables,
): Document[] {
  return compilePerDocument(stages, variables)([...documents]);
}
