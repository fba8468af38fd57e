import { MongoError } from '../mongo-error.ts';
import { setAt } from '../update/path.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { encodeValue } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import { compileExpression } from './expressions.ts';
import { collect, HeldBytes } from './held-documents.ts';
import type { PipelineContext } from './pipeline-context.ts';
import type { Stage } from './rows.ts';

/** A `$lookup` as it was asked for. */
interface Lookup {
  readonly from: string | null;
  readonly as: string;
  readonly localField: string | null;
  readonly foreignField: string | null;
  readonly pipeline: readonly Document[] | null;
  readonly variables: readonly (readonly [name: string, evaluate: (document: Document) => unknown])[];
}

const FIELDS = new Set(['from', 'as', 'localField', 'foreignField', 'pipeline', 'let']);

function text(value: unknown, name: string): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  throw new MongoError('FailedToParse', `$lookup argument '${name}' must be a string`);
}

function toLookup(context: PipelineContext, specification: unknown): Lookup {
  if (!isDocument(specification)) throw new MongoError('FailedToParse', 'the $lookup specification must be an Object');
  const unknown = Object.keys(specification).find((name) => !FIELDS.has(name));
  if (unknown) throw new MongoError('FailedToParse', `unknown argument to $lookup: ${unknown}`);
  const { pipeline = null } = specification;
  const [from, as] = [text(specification['from'], 'from'), text(specification['as'], 'as')];
  const localField = text(specification['localField'], 'localField');
  const foreignField = text(specification['foreignField'], 'foreignField');
  if (!as) throw new MongoError('FailedToParse', "must specify 'as' field for a $lookup");
  if ((localField === null) !== (foreignField === null) || (localField === null && pipeline === null))
    throw new MongoError('FailedToParse', '$lookup requires both localField and foreignField, or a pipeline');
  if (from === null && !isDocument(pipeline?.[0]?.['$documents'] ?? pipeline?.[0]))
    throw new MongoError('FailedToParse', "$lookup needs 'from', or a pipeline that begins with $documents");
  const variables = Object.entries((specification['let'] ?? {}) as Document).map(
    ([name, expression]) => [name, compileExpression(expression, context.variables)] as const,
  );
  return { from, as, localField, foreignField, pipeline, variables };
}

/** What a local field looks for: an array's elements each, null when it is missing. */
function wantedOf(document: Document, localField: string): unknown[] {
  return valuesAt(document, localField)
    .flat(1)
    .map((value) => value ?? null);
}

/** By what a foreign document is found: its values, and the elements of arrays. */
function keysOf(document: Document, foreignField: string): Set<string> {
  const values = valuesAt(document, foreignField).flatMap((value) =>
    Array.isArray(value) ? [value, ...value] : [value],
  );
  return new Set(values.map(encodeValue));
}

/** A filter that any of the values meets; a regular expression is a value here, not a pattern. */
function isAnyOf(field: string, values: readonly unknown[]): Document {
  const distinct = [...new Map(values.map((value) => [encodeValue(value), value])).values()];
  const plain = distinct.filter((value) => !(value instanceof RegExp));
  const patterns = distinct.filter((value) => value instanceof RegExp).map((value) => ({ [field]: { $eq: value } }));
  const among = plain.length === 1 ? { [field]: { $eq: plain[0] } } : { [field]: { $in: plain } };
  return patterns.length === 0 ? among : { $or: [among, ...patterns] };
}

function withResult(document: Document, as: string, found: readonly Document[]): Document {
  const result = as.includes('.') ? clone(document) : { ...document };
  setAt(result, as.split('.'), found);
  return result;
}

/** Equality of two fields: one query of the foreign collection for all documents of a chunk. */
function byFields(context: PipelineContext, { from, as, localField, foreignField }: Lookup): Stage {
  return async function* (rows) {
    for await (const chunk of rows) {
      const wanted = chunk.map((document) => wantedOf(document, localField as string));
      const filter = isAnyOf(foreignField as string, wanted.flat());
      const foreign = await collect(context.open(from, [{ $match: filter }], {}), '$lookup');
      const byKey = new Map<string, Document[]>();
      for (const document of foreign)
        for (const key of keysOf(document, foreignField as string)) {
          const list = byKey.get(key);
          if (list) list.push(document);
          else byKey.set(key, [document]);
        }
      const order = new Map(foreign.map((document, at) => [document, at]));
      yield chunk.map((document, at) => {
        const found = new Set((wanted[at] as unknown[]).flatMap((value) => byKey.get(encodeValue(value)) ?? []));
        const inOrder = [...found].sort((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0));
        // Two documents may find the same one: what later stages do to one is not to show in the other.
        return withResult(document, as, inOrder.map(clone));
      });
    }
  };
}

/** A pipeline over the foreign collection for each document; once for all when it depends on none. */
function byPipeline(context: PipelineContext, lookup: Lookup): Stage {
  const { from, as, localField, foreignField, pipeline, variables } = lookup;
  const dependsOnDocument = localField !== null || variables.length > 0;
  const foreignOf = (document: Document) => {
    const bound = Object.fromEntries(variables.map(([name, evaluate]) => [name, evaluate(document) ?? null]));
    const match =
      localField === null ? [] : [{ $match: isAnyOf(foreignField as string, wantedOf(document, localField)) }];
    return collect(context.open(from, [...match, ...(pipeline ?? [])], bound), '$lookup');
  };
  return async function* (rows) {
    let shared: Document[] | null = null;
    for await (const chunk of rows) {
      const held = new HeldBytes('$lookup');
      const results: Document[] = [];
      for (const document of chunk) {
        const found: Document[] = shared ?? (await foreignOf(document));
        if (!dependsOnDocument) shared = found;
        const result = withResult(document, as, shared ? found.map(clone) : found);
        held.addDocument(result);
        results.push(result);
      }
      yield results;
    }
  };
}

/** `$lookup`, all its forms. Which index serves it is decided as for any query of the foreign collection. */
export function lookupStage(context: PipelineContext, specification: unknown): Stage {
  const lookup = toLookup(context, specification);
  return lookup.pipeline === null ? byFields(context, lookup) : byPipeline(context, lookup);
}
