import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meetsScopes, missingScopes } from '../../lib/identity.ts';

const scope = fc.constantFrom<string[]>('a:read', 'a:write', 'b:read', 'b:write', 'c:read');
const granted = fc.uniqueArray(scope);
const required = fc.array(fc.uniqueArray(scope, { minLength: 1 }), { maxLength: 4 });

describe('meetsScopes', () => {
  it.each<[string[], string[][], boolean]>([
    [[], [], true],
    [[], [['a']], false],
    [['a'], [['a']], true],
    [['a'], [['a', 'b']], false],
    [['a'], [['b'], ['a']], true],
    [['a', 'b'], [['b', 'a']], true],
    [['customers:readonly'], [['customers:read']], false],
    [['customers:*'], [['customers:read']], false],
    [['CUSTOMERS:READ'], [['customers:read']], false],
    [[], [[]], true],
  ])('%j meets %j: %s', (have, want, met) => {
    expect(meetsScopes(have, want)).toBe(met);
  });

  it('is never lost by one scope more', () => {
    fc.assert(
      fc.property(granted, required, scope, (have, want, more) => {
        if (meetsScopes(have, want)) expect(meetsScopes([...have, more], want)).toBe(true);
      }),
    );
  });
});

describe('missingScopes', () => {
  it('is empty exactly when the requirement is met', () => {
    fc.assert(
      fc.property(granted, required, (have, want) => {
        expect(missingScopes(have, want).length === 0).toBe(meetsScopes(have, want));
      }),
    );
  });

  it('names what, once granted, meets the requirement, and nothing one has', () => {
    fc.assert(
      fc.property(granted, required, (have, want) => {
        const missing = missingScopes(have, want);
        expect(meetsScopes([...have, ...missing], want)).toBe(true);
        expect(missing.filter((one) => have.includes(one))).toEqual([]);
      }),
    );
  });

  it('chooses the alternative that lacks least, the first of equals', () => {
    expect(missingScopes(['a'], [['b', 'c'], ['a', 'd'], ['e']])).toEqual(['d']);
  });
});
