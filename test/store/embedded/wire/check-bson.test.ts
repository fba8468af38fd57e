import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  type Document,
  deserialize,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MongoError } from '../../../../store/embedded/mongo-error.ts';
import { checkBson, MAX_DEPTH } from '../../../../store/embedded/wire/check-bson.ts';

const EVERY_TYPE: Document = {
  double: 1.5,
  text: 'täxt',
  document: { a: { b: null } },
  array: [1, [2, []]],
  binary: new Binary(Buffer.from('abc'), 0),
  id: new ObjectId(),
  yes: true,
  no: false,
  date: new Date(0),
  nothing: null,
  regExp: new BSONRegExp('a', 'i'),
  code: new Code('f()'),
  scoped: new Code('f()', { a: 1 }),
  int: 7,
  timestamp: new Timestamp({ t: 1, i: 2 }),
  long: Long.MAX_VALUE,
  decimal: Decimal128.fromString('1.5'),
  least: new MinKey(),
  greatest: new MaxKey(),
  '': 'a field without a name',
};

function nested(levels: number): Document {
  let document: Document = {};
  for (let level = 1; level < levels; level += 1) document = { a: document };
  return document;
}

/** One element by hand: type, name `a`, then the bytes of its value. */
function element(type: number, value: number[]): Uint8Array {
  const bytes = Buffer.from([0, 0, 0, 0, type, 0x61, 0, ...value, 0]);
  bytes.writeInt32LE(bytes.length);
  return bytes;
}
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return [...bytes];
};
const codeOf = (bytes: Uint8Array) => {
  try {
    checkBson(bytes);
    return 'fine';
  } catch (error) {
    return (error as MongoError).codeName;
  }
};

it('passes every type there is', () => {
  expect(codeOf(serialize(EVERY_TYPE))).toBe('fine');
  expect(codeOf(element(14, [...int32(2), 0x78, 0]))).toBe('fine');
  expect(codeOf(element(6, []))).toBe('fine');
  expect(codeOf(element(12, [...int32(2), 0x78, 0, ...Buffer.alloc(12)]))).toBe('fine');
});

it('passes documents nested as deep as MongoDB takes them, and refuses deeper ones', () => {
  expect(codeOf(serialize(nested(MAX_DEPTH)))).toBe('fine');
  expect(codeOf(serialize(nested(MAX_DEPTH + 1)))).toBe('Overflow');
});

it('refuses a nesting of two million levels without a deep stack', () => {
  const levels = 2_000_000;
  const bytes = Buffer.alloc(levels * 8 + 5);
  for (let level = 0; level <= levels; level += 1) {
    bytes.writeInt32LE(bytes.length - level * 8, level * 7);
    if (level < levels) bytes.write('\x03a\0', level * 7 + 4, 'latin1');
  }
  expect(codeOf(bytes)).toBe('Overflow');
});

it.each<[string, Uint8Array]>([
  ['nothing', Buffer.alloc(0)],
  ['four bytes', Buffer.from(int32(4))],
  ['a length of 0', Buffer.from([...int32(0), 0])],
  ['a length longer than it is', Buffer.from([...int32(6), 0])],
  ['bytes after the end', Buffer.from([...int32(5), 0, 0])],
  ['no end mark', Buffer.from([...int32(5), 1])],
  ['an end in the middle', Buffer.from([...int32(7), 0, 0, 0])],
  ['a name that does not end', Buffer.from([...int32(8), 10, 0x61, 0x62, 0x63])],
  ['a type that does not exist', element(0x20, [])],
  ['a double cut short', element(1, [1, 2, 3])],
  ['a text of length 0', element(2, int32(0))],
  ['a text of negative length', element(2, [...int32(-1), 0])],
  ['a text longer than the document', element(2, [...int32(100), 0x78, 0])],
  ['a text that does not end in NUL', element(2, [...int32(1), 0x78])],
  ['a document longer than the one around it', element(3, [...int32(50), 0])],
  ['a document of negative length', element(3, [...int32(-5), 0])],
  ['an array shorter than it is', element(4, [...int32(5), 0, 0])],
  ['a binary of negative length', element(5, [...int32(-1), 0])],
  ['a binary longer than the document', element(5, [...int32(50), 0, 1, 2, 3])],
  ['an old binary whose lengths differ', element(5, [...int32(6), 2, ...int32(1), 1, 2])],
  ['an old binary without its second length', element(5, [...int32(2), 2, 1, 2])],
  ['a boolean of 7', element(8, [7])],
  ['a regular expression without options', element(11, [0x61, 0])],
  ['code whose scope is longer than it', element(15, [...int32(15), ...int32(2), 0x78, 0, ...int32(9), 0])],
])('refuses %s', (_what, bytes) => {
  expect(codeOf(bytes)).toBe('InvalidBSON');
});

it('lets nothing through that the decoder cannot read but for text that is not UTF-8', () => {
  const whole = serialize({ ...EVERY_TYPE, regExp: null });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (flips) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of flips) bytes[at] = value;
      try {
        checkBson(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MongoError);
        return;
      }
      deserialize(bytes, { validation: { utf8: false }, bsonRegExp: true });
    }),
    { numRuns: 4000 },
  );
});
