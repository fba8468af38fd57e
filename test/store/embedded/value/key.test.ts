import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareValues, isEqualValue } from '../../../../store/embedded/value/compare.ts';
import { encodeValue, invert, shorten, successor } from '../../../../store/embedded/value/key.ts';

/** MongoDB's order of types, least first, written independently of the encoding. */
const KINDS = [
  'MinKey',
  'null',
  'number',
  'string',
  'object',
  'array',
  'Binary',
  'ObjectId',
  'boolean',
  'date',
  'Timestamp',
  'MaxKey',
];

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  const tag = (value as { _bsontype?: string })._bsontype;
  if (tag === 'Long' || tag === 'Decimal128') return 'number';
  return tag ?? typeof value;
}

const sign = (order: number) => (order < 0 ? -1 : order > 0 ? 1 : 0);

function compareNumbers(left: unknown, right: unknown): number {
  const [a, b] = [left, right].map((it) => (Long.isLong(it) ? it.toBigInt() : Number(String(it)))) as [number, number];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareMembers(left: unknown[], right: unknown[]): number {
  for (const [at, value] of left.entries()) {
    if (at >= right.length) return 1;
    const order = oracle(value, right[at]);
    if (order !== 0) return order;
  }
  return left.length < right.length ? -1 : 0;
}

function compareObjects(left: object, right: object): number {
  const [a, b] = [Object.entries(left), Object.entries(right)];
  for (const [at, [name, value]] of a.entries()) {
    const other = b[at];
    if (!other) return 1;
    const order =
      sign(KINDS.indexOf(kindOf(value)) - KINDS.indexOf(kindOf(other[1]))) ||
      Buffer.compare(Buffer.from(name), Buffer.from(other[0])) ||
      oracle(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length < b.length ? -1 : 0;
}

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
function oracle(left: unknown, right: unknown): number {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (a !== b) return sign(KINDS.indexOf(a) - KINDS.indexOf(b));
  if (a === 'number') return compareNumbers(left, right);
  if (a === 'string') return sign(Buffer.compare(Buffer.from(left as string), Buffer.from(right as string)));
  if (a === 'boolean' || a === 'date') return sign(Number(left) - Number(right));
  if (a === 'ObjectId')
    return sign(Buffer.compare(Buffer.from(String(left), 'hex'), Buffer.from(String(right), 'hex')));
  if (a === 'Timestamp') return sign((left as Timestamp).compare(right as Timestamp));
  if (a === 'array') return compareMembers(left as unknown[], right as unknown[]);
  if (a === 'object') return compareObjects(left as object, right as object);
  if (a !== 'Binary') return 0;
  const [x, y] = [left as Binary, right as Binary];
  return sign(x.length() - y.length()) || sign(x.sub_type - y.sub_type) || sign(Buffer.compare(x.value(), y.value()));
}

const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((it) => Long.fromBigInt(it)),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 53,
    2 ** 53 + 2,
    Long.fromBigInt(2n ** 53n + 1n),
  ),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'a\0b', 'ab', '￿', '😀'),
);
const bytes = fc.uint8Array({ maxLength: 4 }).map((it) => new Binary(it));
const leaf = fc.oneof(
  number,
  text,
  bytes,
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((it) => new ObjectId(it)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'b\u00e9'), tie('value'), { maxKeys: 3 }).map((it) => ({ ...it })),
  ),
})).value;

const byBytes = (left: string, right: string) =>
  sign(Buffer.compare(Buffer.from(left, 'latin1'), Buffer.from(right, 'latin1')));

it('sorts as MongoDB sorts the values', () => {
  fc.assert(
    fc.property(value, value, (left, right) => {
      expect(byBytes(encodeValue(left), encodeValue(right))).toBe(oracle(left, right));
    }),
    { numRuns: 3000 },
  );
});

it('sorts near values as MongoDB sorts them', () => {
  fc.assert(
    fc.property(fc.oneof(number, text), fc.oneof(number, text), (left, right) => {
      expect(compareValues(left, right)).toBe(oracle(left, right));
      expect(isEqualValue(left, right)).toBe(oracle(left, right) === 0);
    }),
    { numRuns: 3000 },
  );
});

it('sorts compounds field by field, each its own way', () => {
  const fields = fc.tuple(value, value);
  const directions = fc.tuple(fc.constantFrom(1, -1), fc.constantFrom(1, -1));
  fc.assert(
    fc.property(fields, fields, directions, (left, right, way) => {
      const key = (values: unknown[]) =>
        values.map((it, at) => (way[at] === 1 ? encodeValue(it) : invert(encodeValue(it)))).join('');
      const expected = oracle(left[0], right[0]) * (way[0] as number) || oracle(left[1], right[1]) * (way[1] as number);
      expect(byBytes(key(left), key(right))).toBe(expected === 0 ? 0 : sign(expected));
    }),
    { numRuns: 2000 },
  );
});

it('has no key that is the beginning of another', () => {
  fc.assert(
    fc.property(value, value, (left, right) => {
      const [a, b] = [encodeValue(left), encodeValue(right)];
      expect(a !== b && b.startsWith(a)).toBe(false);
    }),
  );
});

it('holds all keys of a prefix below its successor', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 4 }),
      fc.uint8Array({ maxLength: 4 }),
      (prefix, rest) => {
        const key = prefix + Buffer.from(rest).toString('latin1');
        expect(byBytes(key, successor(prefix))).toBe(-1);
        expect(byBytes(successor(prefix), prefix)).toBe(1);
      },
    ),
  );
  expect(successor('a\xff\xff')).toBe('b');
});

it('shortens long keys apart', () => {
  const [a, b] = [`${'x'.repeat(500)}a`, `${'x'.repeat(500)}b`].map((key) => shorten(key, 100));
  expect(a).toHaveLength(100);
  expect(a).not.toBe(b);
  expect(shorten('short', 100)).toBe('short');
});

it('reads a Decimal128 as its nearest double', () => {
  expect(encodeValue(Decimal128.fromString('1.50'))).toBe(encodeValue(1.5));
});
