import { Decimal128, Long } from 'bson';
import { MongoError } from '../mongo-error.ts';
import { isNumeric, toDouble } from '../value/numbers.ts';

type Operation = 'add' | 'multiply';

function tagOf(value: unknown): string | undefined {
  return (value as { _bsontype?: string } | null)?._bsontype;
}

function isWhole(value: unknown): boolean {
  return tagOf(value) === 'Long' || Number.isInteger(toDouble(value));
}

/** Whole, and not a double beyond the whole numbers a double tells apart. */
function isExact(value: unknown): boolean {
  return tagOf(value) === 'Long' || Number.isSafeInteger(toDouble(value));
}

function toInteger(value: unknown): bigint {
  return tagOf(value) === 'Long' ? (value as Long).toBigInt() : BigInt(toDouble(value));
}

function fromInteger(value: bigint): number | Long {
  return Number.isSafeInteger(Number(value)) ? Number(value) : Long.fromBigInt(value);
}

function integers(left: unknown, right: unknown, operation: Operation): number | Long {
  const [a, b] = [toInteger(left), toInteger(right)];
  const result = operation === 'add' ? a + b : a * b;
  if (result > 0x7fffffffffffffffn || result < -0x8000000000000000n)
    throw new MongoError('BadValue', 'Integer overflow in $inc or $mul');
  return fromInteger(result);
}

/** Sum or product. Whole numbers stay exact to 64 bits; with a Decimal128 the result is one. MongoError TypeMismatch. */
export function calculate(left: unknown, right: unknown, operation: Operation): unknown {
  if (!isNumeric(left) || !isNumeric(right))
    throw new MongoError('TypeMismatch', `Cannot ${operation} a value of non-numeric type`);
  const [a, b] = [toDouble(left), toDouble(right)];
  const double = operation === 'add' ? a + b : a * b;
  if (tagOf(left) === 'Decimal128' || tagOf(right) === 'Decimal128')
    return Decimal128.fromString(String(Number(double.toPrecision(15))));
  if (Number.isSafeInteger(double) || !isExact(left) || !isExact(right)) return double;
  return integers(left, right, operation);
}

/** Bitwise `and`, `or`, `xor` of whole numbers, exact to 64 bits. MongoError BadValue. */
export function calculateBits(value: unknown, operation: string, operand: unknown): number | Long {
  if (!isNumeric(value) || !isNumeric(operand) || !isWhole(value) || !isWhole(operand))
    throw new MongoError('BadValue', '$bit needs whole numbers');
  const [a, b] = [toInteger(value), toInteger(operand)];
  if (operation === 'and') return fromInteger(a & b);
  if (operation === 'or') return fromInteger(a | b);
  if (operation === 'xor') return fromInteger(a ^ b);
  throw new MongoError('BadValue', `$bit knows and, or, xor; not ${operation}`);
}
