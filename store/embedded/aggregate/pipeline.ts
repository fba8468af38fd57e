import type { CommandRun } from '../commands/command-run.ts';
import { tally } from '../commands/count-distinct.ts';
import { openCount, openScan } from '../commands/open-scan.ts';
import { MongoError } from '../mongo-error.ts';
import type { Counting } from '../query/count-keys.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { bucketStages } from './bucket.ts';
import { withEqualities } from './expression-equalities.ts';
import { compileExpression, runByMingo, type Variables } from './expressions.ts';
import { graphLookupStage } from './graph-lookup.ts';
import { groupStage } from './group.ts';
import { collect } from './held-documents.ts';
import { lookupStage } from './lookup.ts';
import type { PipelineContext } from './pipeline-context.ts';
import { divide } from './pushed-down.ts';
import { fromList, fromScan, joined, limited, mapped, type Rows, type Stage, skipped } from './rows.ts';
import { sampleStage } from './sample.ts';
import { sortStage } from './sort-rows.ts';
import { compilePerDocument, PER_DOCUMENT, stageName } from './stages.ts';

type MakeStage = (context: PipelineContext, specification: unknown) => Stage;

function whole(value: unknown, stage: string, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
    throw new MongoError('BadValue', `the ${stage} value must be a whole number of at least ${least}`);
  return value;
}

/** Over all documents at hand, by mingo. */
const byMingo =
  (name: string): MakeStage =>
  (context, specification) =>
    async function* (rows) {
      yield* fromList(runByMingo(await collect(rows, name), [{ [name]: specification }], context.variables));
    };

const count: MakeStage = (_context, name) => {
  if (typeof name !== 'string' || name === '' || name.startsWith('$') || name.includes('.'))
    throw new MongoError('BadValue', 'the count field must be a non-empty name without $ and dots');
  return async function* (rows) {
    let n = 0;
    for await (const chunk of rows) n += chunk.length;
    if (n > 0) yield [{ [name]: n }];
  };
};

const unionWith: MakeStage = (context, specification) => {
  const given = isDocument(specification) ? specification : { coll: specification };
  const { coll = null, pipeline = [] } = given;
  if (coll !== null && typeof coll !== 'string') throw new MongoError('TypeMismatch', '$unionWith needs a collection');
  return (rows) => joined(rows, () => context.open(coll, pipeline, {}));
};

const facet: MakeStage = (context, facets) =>
  async function* (rows) {
    const documents = await collect(rows, '$facet');
    const result: Document = {};
    for (const [name, pipeline] of Object.entries(facets as Document))
      result[name] = await collect(through(context, fromList(documents), pipeline), '$facet');
    yield [result];
  };

/** Stages by name; those of `PER_DOCUMENT` and `$match` are run together, `$sort` knows the stages behind it. */
const STAGES: Readonly<Record<string, MakeStage>> = {
  $limit: (_context, value) => limited(whole(value, '$limit', 1)),
  $skip: (_context, value) => skipped(whole(value, '$skip', 0)),
  $count: count,
  $group: ({ variables }, specification) => groupStage(specification, variables),
  $bucket: (context, specification) => (rows) => through(context, rows, bucketStages(specification)),
  $sortByCount: (context, expression) => (rows) =>
    through(context, rows, [{ $group: { _id: expression, count: { $sum: 1 } } }, { $sort: { count: -1 } }]),
  $lookup: lookupStage,
  $graphLookup: graphLookupStage,
  $unionWith: unionWith,
  $facet: facet,
  $sample: (_context, specification) => sampleStage(specification),
  $bucketAuto: byMingo('$bucketAuto'),
  $densify: byMingo('$densify'),
  $fill: byMingo('$fill'),
  $setWindowFields: byMingo('$setWindowFields'),
};

/** How many documents a `$sort` must keep, by the `$skip` and `$limit` right behind it. */
function keptBehind(stages: readonly Document[], at: number): number {
  let skip = 0;
  for (const stage of stages.slice(at + 1)) {
    if (typeof stage['$skip'] === 'number') skip += stage['$skip'];
    else return typeof stage['$limit'] === 'number' ? skip + stage['$limit'] : Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}

const isPerDocument = (stage: Document | undefined) => {
  const name = stage && stageName(stage);
  return name !== undefined && (name === '$match' || PER_DOCUMENT.has(name));
};

/** Rows sent through stages. */
export function through(context: PipelineContext, rows: Rows, stages: readonly Document[]): Rows {
  let current = rows;
  for (let at = 0; at < stages.length; at += 1) {
    const stage = stages[at] as Document;
    if (isPerDocument(stage)) {
      const together = [stage];
      for (; isPerDocument(stages[at + 1]); at += 1) together.push(stages[at + 1] as Document);
      current = mapped(compilePerDocument(together, context.variables))(current);
      continue;
    }
    const name = stageName(stage);
    if (name === '$sort') current = sortStage(stage[name], keptBehind(stages, at))(current);
    else current = (STAGES[name] as MakeStage)(context, stage[name])(current);
  }
  return current;
}

/** Name of the counter when a stage only counts, as the driver's countDocuments does; null otherwise. */
export function counterOf(stage: Document | undefined): { readonly name: string; readonly id: Document } | null {
  if (typeof stage?.['$count'] === 'string') return { name: stage['$count'], id: {} };
  const group = stage?.['$group'];
  if (!isDocument(group) || typeof group['_id'] === 'string' || isDocument(group['_id']) || !('_id' in group))
    return null;
  const [counter, ...others] = Object.entries(group).filter(([name]) => name !== '_id');
  const isCount = others.length === 0 && isDocument(counter?.[1]) && counter[1]['$sum'] === 1;
  return isCount && counter ? { name: counter[0], id: { _id: group['_id'] } } : null;
}

/** Counts without decoding, by keys alone where an index can tell. */
async function* counted(counting: Counting, { name, id }: { name: string; id: Document }): Rows {
  const n = await tally(counting);
  if (n > 0) yield [{ ...id, [name]: n }];
}

/** The client's own session: others come and go without the store keeping a list. */
function localSessions(run: CommandRun): Rows {
  const lsid = run.body['lsid'];
  return fromList(isDocument(lsid) ? [{ _id: lsid, lastUse: new Date(run.engine.clock.now()) }] : []);
}

function documentsOf(context: PipelineContext, expression: unknown): Document[] {
  const documents = compileExpression(expression, context.variables)({});
  if (!Array.isArray(documents) || !documents.every(isDocument))
    throw new MongoError('BadValue', '$documents needs an array of objects');
  return documents;
}

/** A pipeline and what it runs over. */
export interface PipelineOptions {
  readonly run: CommandRun;
  /** Null: over no collection. */
  readonly namespace: string | null;
  readonly stages: readonly Document[];
  readonly variables: Variables;
  readonly hint?: unknown;
  readonly collation?: unknown;
}

function sourceOf(context: PipelineContext, { namespace, stages, hint, collation }: PipelineOptions): Rows {
  const { run, variables } = context;
  const [first = {}] = stages;
  if (first['$documents'] !== undefined)
    return through(context, fromList(documentsOf(context, first['$documents'])), stages.slice(1));
  if (first['$listLocalSessions'] !== undefined) return through(context, localSessions(run), stages.slice(1));
  const { query, rest } = divide(stages);
  const collection = namespace === null ? undefined : run.engine.collection(run.unit, namespace);
  if (!collection) return through(context, fromList([]), rest);
  const filter = withEqualities(query.filter, variables);
  const options = { ...query, filter, hint, collation, variables: variables as Document };
  const counter = counterOf(rest[0]);
  if (counter) return through(context, counted(openCount(run, collection, options), counter), rest.slice(1));
  return through(context, fromScan(openScan(run, collection, options)), rest);
}

/** Opens a pipeline. What leads to a query runs as one, by index where there is one. MongoError BadValue and its kin. */
export function openPipeline(options: PipelineOptions): Rows {
  const { run, variables } = options;
  const context: PipelineContext = {
    run,
    variables,
    open: (collection, stages, more) => {
      const namespace = collection === null ? null : `${run.database}.${collection}`;
      return openPipeline({ run, namespace, stages, variables: { ...variables, ...more } });
    },
  };
  return sourceOf(context, options);
}
