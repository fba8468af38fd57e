import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCompactJws, splitJws } from '../../lib/compact-jws.ts';

const part = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('isCompactJws', () => {
  it('accepts three parts of canonical base64url, and splitJws gives them back', () => {
    fc.assert(
      fc.property(part, part, part, (header, payload, signature) => {
        const text = `${header}.${payload}.${signature}`;
        expect(isCompactJws(text)).toBe(true);
        expect(splitJws(text)).toEqual({ header, payload, signature, signed: `${header}.${payload}` });
      }),
    );
  });

  it('accepts one text only for the same bytes', () => {
    fc.assert(
      fc.property(part, fc.stringMatching(/^[\w=+/ -]{0,3}$/), (good, tail) => {
        for (const other of [good + tail, good.slice(0, -1) + tail]) {
          const sameBytes = Buffer.from(other, 'base64url').equals(Buffer.from(good, 'base64url'));
          if (other !== good && sameBytes) expect(isCompactJws(`AAAA.AAAA.${other}`), other).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '',
    '.',
    '..',
    'AAAA.AAAA',
    'AAAA.AAAA.',
    'AAAA..AAAA',
    '.AAAA.AAAA',
    'A.AAAA.AAAA',
    'AB.AAAA.AAAA',
    'AAB.AAAA.AAAA',
  ])('refuses %j', (text) => {
    expect(isCompactJws(text)).toBe(false);
  });

  it('refuses what is longer than the limit without reading it', () => {
    const text = `AAAA.AAAA.${'AAAA'.repeat(2_046)}`;
    expect([text.length, isCompactJws(text), isCompactJws(text, text.length)]).toEqual([8_194, false, true]);
  });
});
