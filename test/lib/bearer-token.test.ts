import { describe, expect, it } from 'vitest';
import { bearerToken } from '../../lib/bearer-token.ts';

const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('bearerToken', () => {
  it.each([
    ['Authorization', 'Bearer a.b.c'],
    ['authorization', 'bearer a.b.c'],
    ['AUTHORIZATION', 'BEARER   a.b.c '],
  ])('reads %s: %s', (name, value) => {
    expect(bearerToken(['Host', 'x', name, value])).toBe('a.b.c');
  });

  it('knows that there is none, also when a value looks like the name', () => {
    expect([bearerToken([]), bearerToken(['X', 'authorization', 'Y', 'Bearer a'])]).toEqual([null, null]);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearera.b.c', 'a.b.c'])('refuses %j', (value) => {
    expect(() => bearerToken(['Authorization', value])).toThrow(refused);
  });

  it('refuses two headers, even when they agree', () => {
    expect(() => bearerToken(['Authorization', 'Bearer a', 'Authorization', 'Bearer a'])).toThrow(refused);
  });
});
