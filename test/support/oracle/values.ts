import type { Binary, BSONRegExp, Document } from 'bson';

/** Values as the driver decodes them when told to promote nothing: BSON's own classes for all that JavaScript has no type for. */
export type Value = unknown;
type Tagged = { readonly _bsontype?: string };

/** A document; neither array nor date nor a class of BSON. */
export function isPlain(value: Value): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    (value as Tagged)._bsontype === undefined
  );
}

export function tagOf(value: Value): string | undefined {
  return typeof value === 'object' && value !== null ? (value as Tagged)._bsontype : undefined;
}

/** Places of the types in MongoDB's order. https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
const RANKS: Readonly<Record<string, number>> = {
  MinKey: -1,
  Int32: 10,
  Double: 10,
  Long: 10,
  Decimal128: 10,
  Binary: 30,
  ObjectId: 35,
  Timestamp: 47,
  BSONRegExp: 50,
  MaxKey: 127,
};

/** Where the type of a value stands; missing counts as null. */
export function rankOf(value: Value): number {
  if (value === undefined || value === null) return 5;
  if (typeof value === 'number') return 10;
  if (typeof value === 'string') return 15;
  if (Array.isArray(value)) return 25;
  if (typeof value === 'boolean') return 40;
  if (value instanceof Date) return 45;
  const tag = tagOf(value);
  return tag === undefined ? 20 : (RANKS[tag] as number);
}

/** A finite number as a fraction, so that no digit is lost. */
type Fraction = readonly [numerator: bigint, denominator: bigint];

function ofDouble(value: number): Fraction {
  let [numerator, denominator] = [value, 1n];
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return [BigInt(numerator), denominator];
}

function ofDecimal(text: string): Fraction {
  const [digits = '', exponent = '0'] = text.split('E');
  const [whole = '', fraction = ''] = digits.split('.');
  const power = Number(exponent) - fraction.length;
  const numerator = BigInt(whole + fraction);
  return power >= 0 ? [numerator * 10n ** BigInt(power), 1n] : [numerator, 10n ** BigInt(-power)];
}

/** The number as JavaScript's own: exact for NaN and the infinities, near for the others. */
export function toNumber(value: Value): number {
  return Number(String(value));
}

function toFraction(value: Value): Fraction {
  if (tagOf(value) === 'Long') return [BigInt(String(value)), 1n];
  if (tagOf(value) === 'Decimal128') return ofDecimal(String(value));
  return ofDouble(toNumber(value));
}

function sign(left: number | bigint, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** NaN before all others and equal to itself; otherwise by value, whatever the type. */
function compareNumbers(left: Value, right: Value): number {
  const [a, b] = [toNumber(left), toNumber(right)];
  if (Number.isNaN(a) || Number.isNaN(b)) return sign(Number.isNaN(a) ? 0 : 1, Number.isNaN(b) ? 0 : 1);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return sign(a, b);
  const [[p, q], [r, s]] = [toFraction(left), toFraction(right)];
  return sign(p * s, r * q);
}

function compareLists(left: Value[], right: Value[]): number {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const by = compare(left[at], right[at]);
    if (by !== 0) return by;
  }
  return sign(left.length, right.length);
}

const bytesOf = (text: string) => Buffer.from(text, 'utf8');

/** Field by field: the type, then the name, then the value. */
function comparePlain(left: Document, right: Document): number {
  const [a, b] = [Object.entries(left), Object.entries(right)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [[name, value], [other, otherValue]] = [a[at], b[at]] as [[string, Value], [string, Value]];
    const by =
      sign(rankOf(value), rankOf(otherValue)) ||
      Buffer.compare(bytesOf(name), bytesOf(other)) ||
      compare(value, otherValue);
    if (by !== 0) return by;
  }
  return sign(a.length, b.length);
}

function compareRegExps(left: BSONRegExp, right: BSONRegExp): number {
  return (
    Buffer.compare(bytesOf(left.pattern), bytesOf(right.pattern)) ||
    Buffer.compare(bytesOf(left.options), bytesOf(right.options))
  );
}

/** The shorter first, then by subtype, then by content. */
function compareBinary(left: Binary, right: Binary): number {
  return (
    sign(left.position, right.position) ||
    sign(left.sub_type, right.sub_type) ||
    Buffer.compare(left.value(), right.value())
  );
}

/** MongoDB's order of two values: negative, zero or positive. */
export function compare(left: Value, right: Value): number {
  const [rank, other] = [rankOf(left), rankOf(right)];
  if (rank !== other) return sign(rank, other);
  if (rank === 10) return compareNumbers(left, right);
  if (rank === 15) return Buffer.compare(bytesOf(left as string), bytesOf(right as string));
  if (rank === 20) return comparePlain(left as Document, right as Document);
  if (rank === 25) return compareLists(left as Value[], right as Value[]);
  if (rank === 30) return compareBinary(left as Binary, right as Binary);
  if (rank === 35) return Buffer.compare(bytesOf(String(left)), bytesOf(String(right)));
  if (rank === 40 || rank === 45) return sign(Number(left), Number(right));
  if (rank === 47) return sign(BigInt(String(left)), BigInt(String(right)));
  return rank === 50 ? compareRegExps(left as BSONRegExp, right as BSONRegExp) : 0;
}

export const isSame = (left: Value, right: Value): boolean => compare(left, right) === 0;
export const isNumber = (value: Value): boolean => rankOf(value) === 10;
export const isNaNumber = (value: Value): boolean => isNumber(value) && Number.isNaN(toNumber(value));
