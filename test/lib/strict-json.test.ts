import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonPart } from '../../lib/strict-json.ts';

const parse = (text: string | Uint8Array) => parseJsonPart(Buffer.from(text).toString('base64url'));

describe('parseJsonPart', () => {
  it('reads every JSON object that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        expect(parse(json)).toEqual(JSON.parse(json));
      }),
    );
  });

  it('accepts the same name in different objects and in texts', () => {
    expect(parse('{"a":{"a":[{"a":1},{"a":"\\"a\\":1,{"}]}}')).toEqual({ a: { a: [{ a: 1 }, { a: '"a":1,{' }] } });
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1,"b":[],"a":2}}',
    '{"x":[{"a":1,"a":1}]}',
    '{"":1, "" :2}',
  ])('refuses a member that occurs twice: %s', (json) => {
    expect(() => parse(json)).toThrow('a member occurs twice');
  });

  it.each(['[]', 'null', '1', '"text"', '', '{', '\uFEFF{}', '{"a":NaN}', "{'a':1}"])('refuses %j', (json) => {
    expect(() => parse(json)).toThrow();
  });

  it('refuses what is not UTF-8', () => {
    expect(() => parse(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(TypeError);
  });
});
