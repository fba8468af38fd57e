import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedCache } from '../../lib/bounded-cache.ts';

const key = fc.constantFrom(...'abcdefghijkl');
const limits = fc.integer({ min: 2, max: 8 });

describe('createBoundedCache', () => {
  it('never holds more than its limit, nor another value than the last one set', () => {
    const steps = fc.array(fc.record({ key, value: fc.option(fc.nat()) }), { maxLength: 80 });
    fc.assert(
      fc.property(limits, steps, (limit, changes) => {
        const cache = createBoundedCache<number>(limit);
        const truth = new Map<string, number>();
        for (const { key: name, value } of changes) {
          if (value === null) cache.delete(name);
          else cache.set(name, value);
          truth.set(name, value ?? Number.NaN);
          expect(cache.get(name)).toBe(value ?? undefined);
          expect(cache.size).toBeLessThanOrEqual(limit);
        }
        for (const [name, value] of truth) expect([value, undefined]).toContain(cache.get(name));
      }),
    );
  });

  it('keeps what was used last, up to its limit', () => {
    const steps = fc.array(fc.tuple(key, fc.boolean()), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(limits, steps, (limit, uses) => {
        const cache = createBoundedCache<string>(limit);
        for (const [name, reads] of uses) if (!reads || cache.get(name) === undefined) cache.set(name, name);
        const lastUsed = [...new Set(uses.map(([name]) => name).reverse())].slice(0, limit);
        for (const name of lastUsed) expect(cache.get(name)).toBe(name);
        expect(cache.size).toBe(lastUsed.length);
      }),
    );
  });

  it('lets go of what is not used', () => {
    const cache = createBoundedCache<number>(100);
    cache.set('used', 1);
    for (let index = 0; index < 10_000; index += 1) {
      cache.set(`key-${index}`, index);
      expect(cache.get('used')).toBe(1);
    }
    expect([cache.get('key-9999'), cache.get('key-9899')]).toEqual([9_999, undefined]);
    expect(cache.size).toBeLessThanOrEqual(100);
  });

  it('counts a key once however often it is set, and forgets what is deleted', () => {
    const cache = createBoundedCache<number>(4);
    cache.set('a', 1);
    cache.set('a', 2);
    expect([cache.size, cache.get('a')]).toEqual([1, 2]);
    cache.delete('a');
    expect([cache.size, cache.get('a')]).toEqual([0, undefined]);
  });

  it('holds no more characters of keys than it may, whatever their number', () => {
    const entries = fc.array(fc.string({ maxLength: 12 }), { maxLength: 60 });
    fc.assert(
      fc.property(limits, fc.integer({ min: 0, max: 30 }), entries, (limit, keyLength, names) => {
        const cache = createBoundedCache<string>(limit, { keyLength });
        for (const name of names) {
          cache.set(name, name);
          expect(cache.get(name)).toBe(name.length <= keyLength ? name : undefined);
          expect([...cache.values()].join('').length).toBeLessThanOrEqual(keyLength);
          expect(cache.size).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
