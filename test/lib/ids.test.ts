import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId, newUlid, prefixOf } from '../../lib/ids.ts';

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const prefix = fc.stringMatching(/^[a-z]{3}$/);

describe('newUlid', () => {
  it('has the form of the specification, whatever the time', () => {
    fc.assert(fc.property(fc.nat(2 ** 47), (now) => void expect(newUlid(now)).toMatch(ULID)));
  });

  it('rises, also within one millisecond, and never repeats', () => {
    const ids = Array.from({ length: 10_000 }, () => newUlid());
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('rises even when the clock goes back', () => {
    const now = Date.now() + 60_000;
    const later = newUlid(now);
    expect(newUlid(now - 5_000) > later).toBe(true);
  });
});

describe('ids', () => {
  it('tell their prefix, whatever it is', () => {
    fc.assert(fc.property(prefix, (text) => void expect(prefixOf(newId(text))).toBe(text)));
  });

  it('have no prefix when they are anything else', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(prefixOf(text)).toBeNull()));
  });

  it.each([
    ['ACC_', 26],
    ['account_', 26],
    ['ac_', 26],
    ['acc-', 26],
    ['acc_', 25],
    ['acc_', 27],
    ['_', 26],
  ])('begin with three small letters and an underscore, which %j with %i characters does not', (start, length) => {
    expect(prefixOf(start + '0'.repeat(length))).toBeNull();
  });

  it.each(['I', 'L', 'O', 'U', 'a', '-', '\n'])('hold no %j', (letter) => {
    expect(prefixOf(`acc_${'0'.repeat(25)}${letter}`)).toBeNull();
    expect(prefixOf(`acc_${'0'.repeat(26)}${letter}`)).toBeNull();
  });
});
