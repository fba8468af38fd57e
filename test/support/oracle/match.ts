import type { BSONRegExp, Document } from 'bson';
import { compare, isNaNumber, isNumber, isPlain, isSame, rankOf, tagOf, toNumber, type Value } from './values.ts';

/** What a path leads to. Arrays on the way are opened; one at its end is told element by element and then as a whole. */
export function reach(document: Document, path: string): Value[] {
  return follow(document, path.split('.'), true);
}

/** What a path leads to, an array at its end being one value. */
export function leaves(document: Document, path: string): Value[] {
  return follow(document, path.split('.'), false);
}

function follow(value: Value, parts: readonly string[], opens: boolean): Value[] {
  const [part, ...rest] = parts;
  if (Array.isArray(value)) {
    if (part === undefined) return opens ? [...value, value] : [value];
    return value.flatMap((element, at) => {
      if (isPlain(element)) return follow(element, parts, opens);
      return part === String(at) && rest.length === 0 ? [element] : [];
    });
  }
  if (part === undefined) return [value];
  return isPlain(value) && Object.hasOwn(value, part) ? follow(value[part], rest, opens) : [undefined];
}

type Test = (value: Value) => boolean;

const isNothing = (value: Value) => value === undefined || value === null;

/** Values are in order only within a type, but for MinKey and MaxKey, which are below and above all. */
function ordered(holds: (by: number) => boolean): (operand: Value) => Test {
  return (operand) => (value) => {
    const tag = tagOf(operand);
    if (rankOf(value) === rankOf(operand)) {
      if (isNaNumber(value) || isNaNumber(operand)) return isNaNumber(value) && isNaNumber(operand) && holds(0);
      return holds(compare(value, operand));
    }
    if (tag === 'MinKey') return holds(1);
    return tag === 'MaxKey' && holds(-1);
  };
}

export function toRegExp({ pattern, options }: BSONRegExp): RegExp {
  return new RegExp(pattern, options);
}

function equals(operand: Value): Test {
  return (value) => (isNothing(operand) ? isNothing(value) : value !== undefined && isSame(value, operand));
}

/** A pattern among values matches texts, and itself. */
function equalsOrMatches(operand: Value): Test {
  if (tagOf(operand) !== 'BSONRegExp') return equals(operand);
  const pattern = toRegExp(operand as BSONRegExp);
  return (value) => (typeof value === 'string' && pattern.test(value)) || equals(operand)(value);
}

const TYPES: Readonly<Record<string, Test>> = {
  string: (value) => typeof value === 'string',
  number: isNumber,
  object: isPlain,
  array: Array.isArray,
  null: (value) => value === null,
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  decimal: (value) => tagOf(value) === 'Decimal128',
};

const SINGLE: Readonly<Record<string, (operand: never) => Test>> = {
  $eq: equals,
  $gt: ordered((by) => by > 0),
  $gte: ordered((by) => by >= 0),
  $lt: ordered((by) => by < 0),
  $lte: ordered((by) => by <= 0),
  $in: (operands: Value[]) => (value) => operands.some((operand) => equalsOrMatches(operand)(value)),
  $type: (name: string) => TYPES[name] as Test,
  $mod:
    ([divisor, remainder]: [Value, Value]) =>
    (value) =>
      isNumber(value) && Math.trunc(toNumber(value)) % toNumber(divisor) === toNumber(remainder),
};

function meetsOperator(document: Document, path: string, operator: string, operand: Value): boolean {
  if (operator === '$ne') return !meetsOperator(document, path, '$eq', operand);
  if (operator === '$nin') return !meetsOperator(document, path, '$in', operand);
  if (operator === '$not') return !meetsField(document, path, operand);
  if (operator === '$exists') return reach(document, path).some((value) => value !== undefined) === operand;
  if (operator === '$all')
    return (operand as Value[]).length > 0 && (operand as Value[]).every((it) => meetsField(document, path, it));
  if (operator === '$size')
    return leaves(document, path).some((value) => Array.isArray(value) && value.length === toNumber(operand));
  if (operator === '$elemMatch')
    return leaves(document, path).some((value) => Array.isArray(value) && value.some(elementTest(operand as Document)));
  return reach(document, path).some((SINGLE[operator] as (it: Value) => Test)(operand));
}

function isOperators(condition: Value): condition is Document {
  return isPlain(condition) && Object.keys(condition)[0]?.startsWith('$') === true;
}

/** Conditions on an element as a value, or on the fields of one that is a document. */
function elementTest(condition: Document): Test {
  if (!isOperators(condition)) return (element) => isPlain(element) && matches(element, condition);
  const tests = Object.entries(condition).map(([operator, operand]) =>
    operator === '$ne' ? (value: Value) => !equals(operand)(value) : (SINGLE[operator] as (it: Value) => Test)(operand),
  );
  return (element) => tests.every((test) => test(element));
}

function meetsField(document: Document, path: string, condition: Value): boolean {
  if (!isOperators(condition)) return reach(document, path).some(equalsOrMatches(condition));
  return Object.entries(condition).every(([operator, operand]) => meetsOperator(document, path, operator, operand));
}

/** Whether a document matches a filter, by MongoDB's rules, tried on each value in turn. */
export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$and') return (condition as Document[]).every((part) => matches(document, part));
    if (key === '$or') return (condition as Document[]).some((part) => matches(document, part));
    if (key === '$nor') return !(condition as Document[]).some((part) => matches(document, part));
    return meetsField(document, key, condition);
  });
}
