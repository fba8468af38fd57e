import { Aggregator } from 'mingo';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { toGroup } from './bucket.ts';

/** Stages left to mingo: they need only the documents before them. */
const MINGO_STAGES = new Set([
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$group',
  '$limit',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unset',
  '$unwind',
  '$lookup',
  '$unionWith',
  '$graphLookup',
]);

/** The name of a stage. MongoError UnrecognizedStage, CommandNotSupported. */
export function stageName(stage: unknown): string {
  const names = isDocument(stage) ? Object.keys(stage) : [];
  if (names.length !== 1)
    throw new MongoError('UnrecognizedStage', 'A pipeline stage specification object must contain exactly one field.');
  return names[0] as string;
}

/** Refuses stages the embedded store does not offer. */
export function checkStages(pipeline: readonly unknown[]): void {
  for (const stage of pipeline) {
    const name = stageName(stage);
    if (!MINGO_STAGES.has(name)) throw notSupported(`The stage ${name}`);
    const inner = (stage as Document)[name];
    if (name === '$facet') for (const part of Object.values(inner)) checkStages(part as unknown[]);
    if (isDocument(inner) && Array.isArray(inner['pipeline'])) checkStages(inner['pipeline']);
  }
}

/** Collections that stages of the pipeline read besides their own. */
export function foreignCollections(pipeline: readonly Document[]): string[] {
  return pipeline.flatMap((stage) => {
    const name = stageName(stage);
    const inner = stage[name];
    if (name === '$facet') return Object.values(inner).flatMap((part) => foreignCollections(part as Document[]));
    if (name === '$unionWith' && typeof inner === 'string') return [inner];
    if (name !== '$lookup' && name !== '$graphLookup' && name !== '$unionWith') return [];
    const from = inner['from'] ?? inner['coll'];
    return [...(typeof from === 'string' ? [from] : []), ...foreignCollections(inner['pipeline'] ?? [])];
  });
}

/** The stages as mingo runs them rightly, those within `$facet`, `$lookup` and `$unionWith` too. */
function toMingo(stages: readonly Document[]): Document[] {
  return stages.flatMap((stage) => {
    const name = stageName(stage);
    const inner = stage[name];
    if (name === '$bucket') return toGroup(inner) ?? [stage];
    if (name === '$facet')
      return [
        { $facet: Object.fromEntries(Object.entries(inner).map(([key, part]) => [key, toMingo(part as Document[])])) },
      ];
    if (isDocument(inner) && Array.isArray(inner['pipeline']))
      return [{ [name]: { ...inner, pipeline: toMingo(inner['pipeline']) } }];
    return [stage];
  });
}

/** Runs stages over documents at hand. `foreign` holds the documents of other collections by name. */
export function runStages(
  documents: readonly Document[],
  stages: readonly Document[],
  foreign: ReadonlyMap<string, Document[]>,
  variables: Document | undefined,
): Document[] {
  if (stages.length === 0) return [...documents];
  const options = {
    collectionResolver: (name: string) => foreign.get(name) ?? [],
    ...(variables ? { variables } : {}),
  };
  try {
    return new Aggregator(toMingo(stages), options as never).run([...documents]);
  } catch (cause) {
    if (cause instanceof MongoError) throw cause;
    throw new MongoError('BadValue', (cause as Error).message);
  }
}
