import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { compareValues, isEqualValue, isSameKind } from '../value/compare.ts';
import { encodeValue } from '../value/key.ts';
import { isNumeric, toDouble } from '../value/numbers.ts';
import { toBoundedRegExp } from './bounded-reg-exp.ts';
import { isOfType } from './type-names.ts';

/** Whether a document matches. */
export type Predicate = (document: Document) => boolean;

/** Tests one value. */
export type ValueTest = (value: unknown) => boolean;
type Compile = (filter: Document) => Predicate;
type MakeTest = (operand: unknown, compile: Compile) => ValueTest;

/** A JavaScript expression from `$regex` and `$options`; option `x` is not offered. The decoder tells option `s` as flag `g`. */
export function toRegExp(pattern: unknown, options: string): RegExp {
  if (pattern instanceof RegExp) return toBoundedRegExp(pattern.source, options || pattern.flags.replace('g', 's'));
  const tagged = pattern as { _bsontype?: string; pattern?: string; options?: string } | null;
  const source = tagged?._bsontype === 'BSONRegExp' ? tagged.pattern : pattern;
  if (typeof source !== 'string') throw new MongoError('BadValue', '$regex has to be a string');
  const flags = options || (tagged?._bsontype === 'BSONRegExp' ? (tagged.options ?? '') : '');
  if (/[^imsu]/.test(flags)) throw new MongoError('BadValue', `invalid flag in regex options: ${flags}`);
  try {
    return toBoundedRegExp(source, flags);
  } catch (cause) {
    throw new MongoError('BadValue', `Regular expression is invalid: ${(cause as Error).message}`);
  }
}

/** MinKey is below and MaxKey above all values of other types; 0 for any other operand. */
function edgeOf(operand: unknown): number {
  const tag = (operand as { _bsontype?: string } | null)?._bsontype;
  return tag === 'MinKey' ? 1 : tag === 'MaxKey' ? -1 : 0;
}

function ordered(isMet: (order: number) => boolean): MakeTest {
  return (operand) => (value) => {
    const edge = edgeOf(operand);
    if (edge !== 0 && !isSameKind(value, operand)) return isMet(edge);
    if (operand === null) return (value === null || value === undefined) && isMet(0);
    return (
      value !== undefined &&
      isSameKind(value, operand) &&
      isMet(compareValues(value, operand)) &&
      !isNaNPair(value, operand, isMet)
    );
  };
}

/** NaN is in order with nothing but itself. */
function isNaNPair(left: unknown, right: unknown, isMet: (order: number) => boolean): boolean {
  if (!isNumeric(left)) return false;
  const nans = [left, right].filter((it) => Number.isNaN(toDouble(it))).length;
  return nans === 1 || (nans === 2 && !isMet(0));
}

function requireArray(operator: string, operand: unknown): unknown[] {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', `${operator} needs an array`);
  return operand;
}

const isIn: MakeTest = (operand) => {
  const values = requireArray('$in', operand);
  const patterns = values.filter((value) => value instanceof RegExp).map((value) => toRegExp(value, ''));
  const keys = new Set(values.map(encodeValue));
  return (value) =>
    keys.has(encodeValue(value)) || (typeof value === 'string' && patterns.some((pattern) => pattern.test(value)));
};

/** Conditions on an element as it is: an array among the elements is one value and not opened again. */
function elementTest(condition: Document, compile: Compile): ValueTest {
  const tests = Object.entries(condition)
    .filter(([operator]) => operator !== '$options')
    .map(([operator, operand]): ValueTest => {
      if (operator === '$ne' || operator === '$nin' || operator === '$not') {
        const negated = operator === '$ne' ? { $eq: operand } : operator === '$nin' ? { $in: operand } : operand;
        const test = elementTest(negated as Document, compile);
        return (value) => !test(value);
      }
      const given = operator === '$regex' ? toRegExp(operand, String(condition['$options'] ?? '')) : operand;
      const make = OPERATORS[operator];
      if (make) return make(given, compile);
      const test = compile({ value: { [operator]: operand } });
      return (value) => test({ value });
    });
  return (value) => tests.every((test) => test(value));
}

const elemMatch: MakeTest = (operand, compile) => {
  if (!isDocument(operand)) throw new MongoError('BadValue', '$elemMatch needs an Object');
  const first = Object.keys(operand)[0];
  const onValues = first?.startsWith('$') === true && !['$and', '$or', '$nor', '$expr'].includes(first);
  if (onValues) {
    const test = elementTest(operand, compile);
    return (value) => Array.isArray(value) && value.some(test);
  }
  const test = compile(operand);
  return (value) => Array.isArray(value) && value.some((element) => isDocument(element) && test(element));
};

const mod: MakeTest = (operand) => {
  const [divisor, remainder] = requireArray('$mod', operand).map((part) => Math.trunc(toDouble(part)));
  if (divisor === undefined || remainder === undefined || !divisor)
    throw new MongoError('BadValue', '$mod needs a divisor other than 0 and a remainder');
  return (value) => isNumeric(value) && Math.trunc(toDouble(value)) % divisor === remainder;
};

/** Tests of single values, by operator. https://www.mongodb.com/docs/manual/reference/operator/query/ */
export const OPERATORS: Readonly<Record<string, MakeTest>> = {
  $eq: (operand) => (value) => isEqualValue(value, operand),
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $in: isIn,
  $exists: (operand) => (value) => (value !== undefined) === Boolean(operand),
  $type: (operand) => (value) => (Array.isArray(operand) ? operand : [operand]).some((type) => isOfType(value, type)),
  $regex: (operand) => (value) => typeof value === 'string' && (operand as RegExp).test(value),
  $size: (operand) => (value) => Array.isArray(value) && value.length === operand,
  $mod: mod,
  $elemMatch: elemMatch,
};
