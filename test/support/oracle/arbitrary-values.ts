import {
  Binary,
  BSONRegExp,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import type { Value } from './values.ts';

const int = (min: number, max: number) => fc.integer({ min, max }).map((n) => new Int32(n));
const hex = '0123456789abcdef01234567';

/** Numbers that are equal across types, next to each other, or odd. */
const number: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: int(-3, 5) },
  fc.integer({ min: -2, max: 3 }).map((n) => new Double(n)),
  fc
    .constantFrom(0.5, -0.25, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 1e300)
    .map((n) => new Double(n)),
  fc
    .constantFrom('0', '2', '9007199254740992', '9007199254740993', '-9223372036854775808')
    .map((n) => Long.fromString(n)),
  fc
    .constantFrom('0', '-0', '1', '1.0', '1.5', '2E+0', 'NaN', 'Infinity', '-Infinity', '0.5')
    .map((n) => Decimal128.fromString(n)),
);

const LONG = 'x'.repeat(1100);
const text = fc.constantFrom(
  '',
  'a',
  'ab',
  'abc',
  'b',
  'B',
  'a\0',
  'a\0b',
  'é',
  '😀',
  '\uffee',
  LONG,
  `${LONG}a`,
  `${LONG}b`,
);

const rare: fc.Arbitrary<Value> = fc.oneof(
  fc.boolean(),
  fc.constantFrom(-86_400_000, -1, 0, 1, 1_700_000_000_000).map((at) => new Date(at)),
  fc.constantFrom(hex, hex.replace('67', '68')).map((it) => new ObjectId(it)),
  fc.constantFrom('', 'a', 'ab').chain((it) => fc.constantFrom(0, 5).map((type) => new Binary(Buffer.from(it), type))),
  fc.constantFrom([0, 1], [1, 0], [4_000_000_000, 7]).map(([t = 0, i = 0]) => new Timestamp({ t, i })),
  fc.constantFrom('a', '^b', '(?i)x').map((pattern) => new BSONRegExp(pattern, '')),
  fc.constantFrom(new MinKey(), new MaxKey()),
);

/** A value that is no array: what the fields `a`, `b`, `u` and `s` hold. */
export const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 5, arbitrary: number },
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: rare },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('x', 'y', ''), fc.oneof(int(0, 2), text, fc.constant([])), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  },
);

/** Values of which many are alike, so that they meet: what filters ask for. */
const small: fc.Arbitrary<Value> = fc.oneof({ weight: 4, arbitrary: int(0, 4) }, fc.constantFrom('a', 'b'), scalar);

/** What `tags` holds: elements of any kind, among them arrays and none at all. */
export const list: fc.Arbitrary<Value[]> = fc.array(
  fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: fc.array(int(0, 3), { maxLength: 2 }) }),
  { maxLength: 4 },
);

const objects = fc.array(fc.record({ x: small, y: int(0, 3) }, { requiredKeys: [], noNullPrototype: true }), {
  maxLength: 3,
});

export const id: fc.Arbitrary<Value> = fc.oneof(
  { weight: 12, arbitrary: int(0, 25) },
  fc.integer({ min: 0, max: 4 }).map((n) => new Double(n)),
  fc.constantFrom('k', `${LONG}1`, `${LONG}2`, null),
  fc.integer({ min: 0, max: 2 }).map((n) => new Date(n)),
  fc.integer({ min: 0, max: 2 }).map((x) => ({ x: new Int32(x) })),
);

const fields = {
  a: scalar,
  b: scalar,
  g: fc.constantFrom<Value>(new Int32(1), new Int32(2), 'g', null),
  n: fc.oneof({ weight: 5, arbitrary: int(-5, 5) }, fc.constantFrom<Value>('no number', null)),
  u: fc.oneof({ weight: 8, arbitrary: int(0, 60) }, scalar),
  s: fc.oneof({ weight: 8, arbitrary: int(0, 60) }, scalar),
  tags: list,
  o: objects,
  d: fc.oneof(
    { weight: 4, arbitrary: fc.record({ e: small, f: small }, { requiredKeys: [], noNullPrototype: true }) },
    fc.constantFrom<Value>(null, new Int32(1), 'text'),
  ),
};

/** A document without `_id`: each field may be missing. */
export const body: fc.Arbitrary<Document> = fc.record(fields, { requiredKeys: [], noNullPrototype: true });
export const document: fc.Arbitrary<Document> = fc.tuple(id, body).map(([_id, rest]) => ({ _id, ...rest }));

/** A value to ask a field for: mostly such as it holds. */
export function operandOf(field: string): fc.Arbitrary<Value> {
  if (field === '_id') return id;
  if (field === 'tags') return fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: list });
  if (field === 'u' || field === 's') return fields.u;
  if (field === 'g') return fields.g;
  if (field === 'n') return fields.n;
  return fc.oneof(scalar, small);
}
export { int, small };
