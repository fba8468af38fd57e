import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import * as projections from 'mingo/operators/projection';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { compareForExpression } from '../value/compare.ts';

/** Values of variables, by name without `$$`. */
export type Variables = Readonly<Record<string, unknown>>;

type Operate = (document: unknown, operand: unknown, options: unknown) => unknown;

const { $accumulator: _accumulator, ...safeAccumulators } = accumulators;
const { $where: _where, ...safeQueries } = queries;

/** mingo's own form of its options, of which a copy costs little; made from ours it copies every operator there is. */
interface MingoOptions {
  update(locals: { root: unknown }): unknown;
  readonly constructor: { init(options: MingoOptions): MingoOptions };
}

/** What `toOptions` sends through mingo to learn its form of options, which no module exports. */
class Captured {
  options: MingoOptions | null = null;
}

/** Not for clients: a body from the wire is text or code. mingo itself uses it for window functions, with a real one. */
const $function: Operate = (document, operand, options) => {
  if (operand instanceof Captured) {
    operand.options = options as MingoOptions;
    return null;
  }
  if (typeof (operand as Document | null)?.['body'] !== 'function') throw notSupported('$function');
  return expressions.$function(document as never, operand as never, options as never);
};

function compared(name: string, answer: (order: number) => unknown): Operate {
  return (document, operand, options) => {
    const values = evalExpr(document as never, operand as never, options as never);
    if (!Array.isArray(values) || values.length !== 2)
      throw new MongoError('BadValue', `Expression ${name} takes exactly 2 arguments`);
    return answer(compareForExpression(values[0], values[1]));
  };
}

/** mingo compares arrays by their elements and takes missing for null; MongoDB compares whole values in the order of their types. */
const COMPARISONS = {
  $eq: compared('$eq', (order) => order === 0),
  $ne: compared('$ne', (order) => order !== 0),
  $gt: compared('$gt', (order) => order > 0),
  $gte: compared('$gte', (order) => order >= 0),
  $lt: compared('$lt', (order) => order < 0),
  $lte: compared('$lte', (order) => order <= 0),
  $cmp: compared('$cmp', (order) => order),
};

const CONTEXT = Context.init({
  accumulator: safeAccumulators,
  expression: { ...expressions, ...COMPARISONS, $function },
  pipeline: stages,
  projection: projections,
  query: safeQueries,
  window: windows,
} as never);

/** Options of every call to mingo: our operators, these variables. */
export function toMingo(variables: Variables): never {
  return { context: CONTEXT, variables } as never;
}

/** Runs `work`; what mingo refuses is the client's fault. MongoError BadValue. */
export function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof MongoError) throw cause;
    const { message } = cause as Error;
    const unknown = /accumulator '(\$\w+)' is not registered/.exec(message);
    if (unknown) throw new MongoError('InvalidPipelineOperator', `Unrecognized expression '${unknown[1]}'`);
    throw new MongoError('BadValue', message);
  }
}

/** Runs stages that need only the documents before them. MongoError BadValue. */
export function runByMingo(
  documents: readonly Document[],
  pipeline: readonly Document[],
  variables: Variables,
): Document[] {
  const run = () => new Aggregator([...pipeline], toMingo(variables)).run([...documents]) as (Document | undefined)[];
  // What $redact prunes whole is left as a hole.
  return guarded(run).filter((document) => document !== undefined);
}

function toOptions(variables: Variables): MingoOptions {
  const captured = new Captured();
  evalExpr({}, { $function: captured } as never, toMingo(variables));
  return captured.options as MingoOptions;
}

/** What an expression reads without operators: a constant or a field of one name. */
function toFast(expression: unknown): ((document: Document) => unknown) | null {
  if (typeof expression === 'string') {
    if (!expression.startsWith('$')) return () => expression;
    const name = expression.slice(1);
    return /^[A-Za-z_]\w*$/.test(name)
      ? (document) => (Object.hasOwn(document, name) ? document[name] : undefined)
      : null;
  }
  return isDocument(expression) || Array.isArray(expression) ? null : () => expression;
}

/** Members that are missing are left out, not null. */
function withoutMissing(value: unknown): unknown {
  if (!isDocument(value) || !Object.values(value).includes(undefined)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined));
}

/** An expression ready to be evaluated per document; undefined means missing. MongoError BadValue when evaluated. */
export function compileExpression(expression: unknown, variables: Variables): (document: Document) => unknown {
  const fast = toFast(expression);
  if (fast) return fast;
  const options = toOptions(variables);
  const { init } = options.constructor;
  return (document) => {
    const own = init(options).update({ root: document });
    return guarded(() => withoutMissing(evalExpr(document as never, expression as never, own as never)));
  };
}

/** The constants of a `let` option: expressions of no document. */
export function toVariables(definitions: unknown): Variables {
  if (definitions === undefined || definitions === null) return {};
  if (!isDocument(definitions)) throw new MongoError('TypeMismatch', "'let' must be a document");
  return Object.fromEntries(
    Object.entries(definitions).map(([name, expression]) => {
      if (!/^[a-z]\w*$/i.test(name)) throw new MongoError('FailedToParse', `'${name}' is no name for a variable`);
      return [name, compileExpression(expression, {})({}) ?? null];
    }),
  );
}
