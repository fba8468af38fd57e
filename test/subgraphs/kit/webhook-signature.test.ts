import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacMatches, isFresh } from '../../../subgraphs/kit/webhook-signature.ts';

const sign = (secret: string, text: string, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex') =>
  createHmac(algorithm, secret).update(text).digest(encoding);

describe('hmacMatches', () => {
  it('accepts a signature by any of the secrets, over the parts in order', () => {
    const candidates = [sign('new', 'v0:1:body')];
    expect(
      hmacMatches({ secrets: ['old', 'new'], signed: ['v0:', '1:', Buffer.from('body')], encoding: 'hex', candidates }),
    ).toBe(true);
  });

  it.each([
    ['sha256', 'base64'],
    ['sha1', 'hex'],
  ] as const)('knows %s in %s', (algorithm, encoding) => {
    const candidates = [sign('s', 'body', algorithm, encoding)];
    expect(hmacMatches({ secrets: ['s'], signed: ['body'], encoding, candidates, algorithm })).toBe(true);
  });

  it('refuses whatever is not that exact text, and never throws', () => {
    const right = sign('s', 'body');
    fc.assert(
      fc.property(fc.array(fc.string()), (others) => {
        const candidates = others.filter((other) => other !== right);
        expect(hmacMatches({ secrets: ['s'], signed: ['body'], encoding: 'hex', candidates })).toBe(false);
      }),
    );
    const wrong = [right.toUpperCase(), `${right}0`, right.slice(1), sign('s', 'body', 'sha256', 'base64'), ''];
    expect(hmacMatches({ secrets: ['s'], signed: ['body'], encoding: 'hex', candidates: wrong })).toBe(false);
  });

  it('accepts nothing without a secret', () => {
    expect(hmacMatches({ secrets: [], signed: ['body'], encoding: 'hex', candidates: [sign('', 'body')] })).toBe(false);
  });
});

describe('isFresh', () => {
  it.each([
    [0, true],
    [300_000, true],
    [-300_000, true],
    [300_001, false],
    [-300_001, false],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
  ])('a moment %d ms away from now with 300 s of tolerance: %s', (away, fresh) => {
    expect(isFresh(1_700_000_000_000 + away, 1_700_000_000_000, 300_000)).toBe(fresh);
  });
});
