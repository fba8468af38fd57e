import { describe, expect, it } from 'vitest';
import { createBoundedCache } from '../../lib/bounded-cache.ts';

describe('createBoundedCache', () => {
  it('lets go of what was not used for longest', () => {
    const cache = createBoundedCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
  });

  it('never holds more than its limit', () => {
    const cache = createBoundedCache<number>(100);
    for (let index = 0; index < 10_000; index += 1) cache.set(`key-${index}`, index);
    expect([cache.size, cache.get('key-9999'), cache.get('key-9899')]).toEqual([100, 9_999, undefined]);
  });

  it('counts a key once however often it is set, and forgets what is deleted', () => {
    const cache = createBoundedCache<number>(2);
    cache.set('a', 1);
    cache.set('a', 2);
    expect([cache.size, cache.get('a')]).toEqual([1, 2]);
    cache.delete('a');
    expect([cache.size, cache.get('a')]).toEqual([0, undefined]);
  });
});
