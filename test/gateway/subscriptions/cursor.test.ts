import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCursorCodec } from '../../../gateway/subscriptions/cursor.ts';

const codec = createCursorCodec('secret');
const binding = { topics: ['crm.account', 'stripe.invoice'], tenant: 'acme' };
const positions = [
  { topic: 'crm.account', partition: 0, offset: 7 },
  { topic: 'stripe.invoice', partition: 2, offset: 12_345_678_901 },
];

describe('a cursor', () => {
  it('holds every position, whatever the order of topics', () => {
    const cursor = codec.encode(positions, binding);
    expect(codec.decode(cursor, { ...binding, topics: [...binding.topics].reverse() })).toEqual(positions);
    expect(cursor).toMatch(/^[\w-]+\.[\w-]+$/);
  });

  it.each<[string, typeof binding | { topics: string[]; tenant: null }]>([
    ['another tenant', { ...binding, tenant: 'globex' }],
    ['nobody', { ...binding, tenant: null }],
    ['fewer topics', { ...binding, topics: ['crm.account'] }],
    ['other topics', { ...binding, topics: ['crm.account', 'crm.contact'] }],
  ])('is not good for %s', (_name, other) => {
    const cursor = codec.encode(positions, binding);
    expect(() => codec.decode(cursor, other)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
  });

  it('is not good under another secret', () => {
    const cursor = createCursorCodec('other').encode(positions, binding);
    expect(() => codec.decode(cursor, binding)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
  });

  it('does not survive the change of any character', () => {
    const cursor = codec.encode(positions, binding);
    for (let at = 0; at < cursor.length; at += 1) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      const forged = cursor.slice(0, at) + other + cursor.slice(at + 1);
      expect(() => codec.decode(forged, binding)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
    }
  });

  it('is never more than invalid, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => codec.decode(text, binding)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
      }),
    );
  });
});
