import { runPerDocument } from '../aggregate/stages.ts';
import { MongoError } from '../mongo-error.ts';
import { compileFilter } from '../query/filter.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { type OperatorContext, UPDATE_OPERATORS } from './operators.ts';
import { expandPath, matchedIndexOf, type Placeholders } from './path.ts';

/** An update statement: operators, a replacement, or a pipeline. */
export interface UpdateSpec {
  readonly update: Document | readonly Document[];
  /** The query, for `$`. */
  readonly filter: Document;
  readonly arrayFilters?: readonly Document[] | undefined;
  readonly variables?: Document | undefined;
}

const PIPELINE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** Whether an update is made of operators; neither a replacement nor a pipeline. */
export function isOperatorUpdate(update: UpdateSpec['update']): update is Document {
  return isDocument(update) && Object.keys(update)[0]?.startsWith('$') === true;
}

/** Whether an update replaces the document. */
export function isReplacement(update: UpdateSpec['update']): update is Document {
  return isDocument(update) && !isOperatorUpdate(update);
}

function placeholdersOf(document: Document, spec: UpdateSpec): Placeholders {
  const filters = new Map<string, (element: unknown) => boolean>();
  for (const filter of spec.arrayFilters ?? []) {
    const root = rootOf(filter);
    const test = compileFilter(filter, spec.variables);
    if (filters.has(root))
      throw new MongoError('FailedToParse', `Found multiple array filters with the same name ${root}`);
    filters.set(root, (element) => test({ [root]: element }));
  }
  return { filters, matchedIndex: (path) => matchedIndexOf(document, path, spec.filter, compileFilter) };
}

function rootOf(filter: Document): string {
  for (const [key, condition] of Object.entries(filter)) {
    if (!key.startsWith('$')) return key.split('.')[0] as string;
    if (Array.isArray(condition) && isDocument(condition[0])) return rootOf(condition[0]);
  }
  throw new MongoError('FailedToParse', 'Cannot use an expression without a top-level field name in arrayFilters');
}

function rejectConflicts(paths: readonly string[]): void {
  const sorted = [...paths].sort();
  for (const [at, path] of sorted.entries()) {
    const next = sorted.slice(at + 1).find((it) => it === path || it.startsWith(`${path}.`));
    if (next !== undefined)
      throw new MongoError(
        'ConflictingUpdateOperators',
        `Updating the path '${next}' would create a conflict at '${path}'`,
      );
  }
}

function rejectUnusedFilters(spec: UpdateSpec, paths: readonly string[]): void {
  for (const filter of spec.arrayFilters ?? []) {
    const root = rootOf(filter);
    if (!paths.some((path) => path.includes(`$[${root}]`)))
      throw new MongoError('FailedToParse', `The array filter for identifier '${root}' was not used in the update`);
  }
}

function applyOperators(before: Document, spec: UpdateSpec, context: OperatorContext): Document {
  const update = spec.update as Document;
  const paths = Object.entries(update).flatMap(([operator, fields]) => {
    if (!Object.hasOwn(UPDATE_OPERATORS, operator))
      throw new MongoError('FailedToParse', `Unknown modifier: ${operator}`);
    if (!isDocument(fields))
      throw new MongoError('FailedToParse', `Modifiers operate on fields but ${operator} was given none`);
    const targets = operator === '$rename' ? Object.values(fields).map(String) : [];
    return [...Object.keys(fields), ...targets];
  });
  rejectConflicts(paths);
  rejectUnusedFilters(spec, paths);
  const after = clone(before);
  const placeholders = placeholdersOf(before, spec);
  for (const [dotted, operator, operand] of inOrder(update)) {
    if (operator === '$setOnInsert' && !context.inserting) continue;
    for (const path of expandPath(after, dotted, placeholders))
      UPDATE_OPERATORS[operator]?.(after, path, operand, context);
  }
  return after;
}

/** Numbers among field names go by their value, all else by its letters: so MongoDB orders the fields an update adds. */
function compareParts(left: string, right: string): number {
  if (/^\d+$/.test(left) && /^\d+$/.test(right)) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparePaths(left: string, right: string): number {
  const [a, b] = [left.split('.'), right.split('.')];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const by = compareParts(a[at] as string, b[at] as string);
    if (by !== 0) return by;
  }
  return a.length - b.length;
}

/** Every change of an update, ordered by its path. https://www.mongodb.com/docs/manual/reference/operator/update/#update-operators-processing-order */
function inOrder(update: Document): [path: string, operator: string, operand: unknown][] {
  const changes = Object.entries(update).flatMap(([operator, fields]) =>
    Object.entries(fields as Document).map(([path, operand]): [string, string, unknown] => [path, operator, operand]),
  );
  return changes.length < 2 ? changes : changes.sort(([left], [right]) => comparePaths(left, right));
}

function applyPipeline(before: Document, spec: UpdateSpec): Document {
  const stages = spec.update as readonly Document[];
  for (const stage of stages) {
    const name = Object.keys(stage)[0] ?? '';
    if (!PIPELINE_STAGES.has(name))
      throw new MongoError('InvalidOptions', `${name} is not allowed to be used within an update`);
  }
  const [after = {}] = runPerDocument([clone(before)], stages, spec.variables ?? {});
  return '_id' in before && !('_id' in after) ? { _id: before['_id'], ...after } : after;
}

/** The document as the update leaves it; `before` is not touched. MongoError ImmutableField when `_id` would change. */
export function applyUpdate(before: Document, spec: UpdateSpec, context: OperatorContext): Document {
  const after = isReplacement(spec.update)
    ? replace(before, spec.update)
    : Array.isArray(spec.update)
      ? applyPipeline(before, spec)
      : applyOperators(before, spec, context);
  if ('_id' in before && !isEqualValue(before['_id'], after['_id']))
    throw new MongoError(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  return after;
}

function replace(before: Document, replacement: Document): Document {
  const dollar = Object.keys(replacement).find((key) => key.startsWith('$'));
  if (dollar)
    throw new MongoError('DollarPrefixedFieldName', `The dollar ($) prefixed field '${dollar}' is not allowed`);
  return '_id' in before && !('_id' in replacement)
    ? { _id: before['_id'], ...clone(replacement) }
    : clone(replacement);
}
