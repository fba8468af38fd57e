import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../gateway/json-bytes.ts';

describe('a text as UTF-8', () => {
  it.each([
    ['nothing', ''],
    ['one byte a character', '{"a":1}'.repeat(20_000)],
    ['two bytes', 'é'.repeat(1_000)],
    ['three bytes', '\u2028'.repeat(1_000)],
    ['four bytes', '🙂'.repeat(1_000)],
    ['half a pair', `${'x'.repeat(2_000)}\ud800`],
  ])('is what Buffer makes of it: %s', (_, text) => {
    expect(toUtf8(text).equals(Buffer.from(text, 'utf8'))).toBe(true);
  });

  it('is whole at every number of longer characters around the room that was guessed', () => {
    const character = fc.constantFrom('é', '\u2028', '🙂');
    const text = fc.tuple(fc.nat(300), character, fc.nat(90)).map(([plain, one, count]) => {
      return 'x'.repeat(plain) + one.repeat(count);
    });
    fc.assert(fc.property(text, (given) => toUtf8(given).equals(Buffer.from(given, 'utf8'))));
  });
});
