import { Query } from 'mingo/query';
import { compileExpression, toMingo } from '../aggregate/expressions.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument, isPattern } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import { isNumeric, toDouble } from '../value/numbers.ts';
import { reachedValues } from '../value/path.ts';
import { OPERATORS, type Predicate, toRegExp, type ValueTest } from './operators.ts';

const UNSUPPORTED = new Set(['$jsonSchema', '$where', '$text', '$near', '$nearSphere', '$geoWithin', '$geoIntersects']);

/** Field operators left to mingo. */
const MINGO_OPERATORS = new Set(['$bitsAllClear', '$bitsAllSet', '$bitsAnyClear', '$bitsAnySet']);

/** Compiles a filter once for many documents. MongoError BadValue on an operator nobody knows, CommandNotSupported on one not offered. */
export function compileFilter(filter: Document, variables?: Document): Predicate {
  const tests = Object.entries(filter).map(([key, condition]) => compileEntry(key, condition, variables));
  if (tests.length === 0) return () => true;
  if (tests.length === 1) return tests[0] as Predicate;
  return (document) => tests.every((test) => test(document));
}

function compileEntry(key: string, condition: unknown, variables: Document | undefined): Predicate {
  if (!key.startsWith('$')) return compileField(key, condition, variables);
  if (UNSUPPORTED.has(key)) throw notSupported(key);
  if (key === '$comment') return () => true;
  if (key === '$expr') return compileExpr(condition, variables);
  if (key === '$and' || key === '$or' || key === '$nor') return compileLogical(key, condition, variables);
  throw new MongoError('BadValue', `unknown top level operator: ${key}`);
}

/** Whether an expression holds: anything but false, null, missing and 0. */
function compileExpr(expression: unknown, variables: Document | undefined): Predicate {
  const evaluate = compileExpression(expression, variables ?? {});
  return (document) => {
    const value = evaluate(document);
    if (value === undefined || value === null || value === false) return false;
    return !isNumeric(value) || toDouble(value) !== 0;
  };
}

function compileMingo(condition: Document, variables: Document | undefined): Predicate {
  const query = new Query(condition as never, toMingo(variables ?? {}));
  return (document) => query.test(document);
}

function compileLogical(key: string, condition: unknown, variables: Document | undefined): Predicate {
  if (!Array.isArray(condition) || condition.length === 0 || !condition.every(isDocument))
    throw new MongoError('BadValue', `${key} must be a nonempty array of documents`);
  const tests = condition.map((part) => compileFilter(part, variables));
  if (key === '$and') return (document) => tests.every((test) => test(document));
  if (key === '$or') return (document) => tests.some((test) => test(document));
  return (document) => !tests.some((test) => test(document));
}

/** Whether a condition is made of operators (`{ $gt: 1 }`) and is not a value. */
export function isOperatorDocument(condition: unknown): condition is Document {
  if (!isDocument(condition)) return false;
  const first = Object.keys(condition)[0];
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id';
}

function compileField(path: string, condition: unknown, variables: Document | undefined): Predicate {
  const test = compileCondition(condition, path, variables);
  return (document) => test(reachedValues(document, path), document);
}

type FieldTest = (values: unknown[], document: Document) => boolean;

function compileCondition(condition: unknown, path: string, variables: Document | undefined): FieldTest {
  if (isPattern(condition)) return anyValue(matchesPattern(condition));
  if (!isOperatorDocument(condition)) return anyValue((value) => isEqualValue(value, condition));
  const tests = Object.entries(condition)
    .filter(([operator]) => operator !== '$options')
    .map(([operator, operand]) => compileOperator(operator, operand, condition, path, variables));
  return (values, document) => tests.every((test) => test(values, document));
}

/** A pattern as a value: texts that match it, and the same pattern. */
function matchesPattern(pattern: unknown): ValueTest {
  const expression = toRegExp(pattern, '');
  return (value) =>
    typeof value === 'string' ? expression.test(value) : isPattern(value) && isEqualValue(value, pattern);
}

/** The leaf itself or, when it is an array, one of its elements. */
function anyValue(test: ValueTest): FieldTest {
  return (values) => values.some((value) => test(value) || (Array.isArray(value) && value.some(test)));
}

const NEGATIONS: Readonly<Record<string, string>> = { $ne: '$eq', $nin: '$in' };
/** Operators that look at an array as a whole. */
const WHOLE = new Set(['$size', '$elemMatch', '$exists']);

function compileOperator(
  operator: string,
  operand: unknown,
  condition: Document,
  path: string,
  variables: Document | undefined,
): FieldTest {
  if (UNSUPPORTED.has(operator)) throw notSupported(operator);
  if (operator === '$not') return compileNot(operand, path, variables);
  if (operator === '$all') return compileAll(operand, path, variables);
  const positive = NEGATIONS[operator];
  if (positive !== undefined) {
    const test = compileOperator(positive, operand, condition, path, variables);
    return (values, document) => !test(values, document);
  }
  if (operator === '$exists' && !operand) return (values) => values.every((value) => value === undefined);
  if (MINGO_OPERATORS.has(operator)) {
    const test = compileMingo({ [path]: { [operator]: operand } }, variables);
    return (_values, document) => test(document);
  }
  const make = OPERATORS[operator];
  if (!make) throw new MongoError('BadValue', `unknown operator: ${operator}`);
  const given = operator === '$regex' ? toRegExp(operand, String(condition['$options'] ?? '')) : operand;
  const test = make(given, compileFilter);
  return WHOLE.has(operator) ? (values) => values.some(test) : anyValue(test);
}

/** Each part is met by some value the path reaches, not all of them by the same. */
function compileAll(operand: unknown, path: string, variables: Document | undefined): FieldTest {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', '$all needs an array');
  const tests = operand.map((part) =>
    compileCondition(isOperatorDocument(part) ? part : { $in: [part] }, path, variables),
  );
  return (values, document) => tests.length > 0 && tests.every((test) => test(values, document));
}

function compileNot(operand: unknown, path: string, variables: Document | undefined): FieldTest {
  if (!isOperatorDocument(operand) && !isPattern(operand))
    throw new MongoError('BadValue', '$not needs a regex or a document');
  const test = compileCondition(operand, path, variables);
  return (values, document) => !test(values, document);
}
