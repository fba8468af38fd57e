import { encodeValue } from './key.ts';

function sign(left: number | string, right: number | string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** MongoDB's order of two values, across types: negative, zero or positive. The same order as their keys. */
export function compareValues(left: unknown, right: unknown): number {
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  if (areNumbers && !Number.isNaN(left) && !Number.isNaN(right)) return sign(left, right);
  if (left instanceof Date && right instanceof Date) return sign(left.getTime(), right.getTime());
  if (typeof left === 'string' && left === right) return 0;
  return sign(encodeValue(left), encodeValue(right));
}

/** Whether MongoDB holds two values equal: numbers across their types, documents field by field in order. */
export function isEqualValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== typeof right && typeof left !== 'object' && typeof right !== 'object') return false;
  if (typeof left === 'string' && typeof right === 'string') return false;
  return compareValues(left, right) === 0;
}

/** Whether `<` and its kin compare the two: only values of one kind are in order for a query. */
export function isSameKind(left: unknown, right: unknown): boolean {
  return encodeValue(left)[0] === encodeValue(right)[0];
}

/** The order of two values in an expression, where missing (undefined) is less than all but MinKey, and than null too. */
export function compareForExpression(left: unknown, right: unknown): number {
  if (left === undefined || right === undefined) {
    if (left === right) return 0;
    const other = left === undefined ? right : left;
    const isMinKey = (other as { _bsontype?: string } | null)?._bsontype === 'MinKey';
    return (left === undefined) === isMinKey ? 1 : -1;
  }
  return compareValues(left, right);
}
