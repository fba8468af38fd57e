import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pickFields, toPicker } from '../../../../store/embedded/collection/pick-fields.ts';
import { decode, encode } from '../../../../store/embedded/value/codec.ts';

const values = [
  'text',
  'é€😀',
  '',
  0,
  1.5,
  2 ** 40,
  true,
  null,
  new Date(5),
  /a+b/i,
  new ObjectId('0123456789abcdef01234567'),
  new Binary(Buffer.from('bytes')),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('1.50'),
  new Timestamp({ t: 1, i: 2 }),
  new MinKey(),
  new MaxKey(),
  [1, [2, { a: 'x' }]],
  { a: { b: ['c'] } },
];

it('picks what decoding all would give, whatever the types of the fields around', () => {
  const names = fc.uniqueArray(fc.constantFrom<string>('_id', 'a', 'aa', 'b', 'é', 'total', 'a.b', ''), {
    minLength: 1,
  });
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('_id', 'a', 'aa', 'b', 'é', 'total', 'x', ''), fc.constantFrom(...values)),
      names,
      (document, wanted) => {
        const bytes = encode(document);
        const all = Object.entries(decode(bytes));
        const expected = Object.fromEntries(all.filter(([name]) => wanted.includes(name)));
        expect(pickFields(bytes, toPicker(wanted))).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});
