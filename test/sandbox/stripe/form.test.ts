import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StripeFailure } from '../../../sandbox/stripe/failure.ts';
import { decodeForm } from '../../../sandbox/stripe/http/form.ts';
import { encodeForm } from '../../../subgraphs/stripe/client/form.ts';

/** Without prototypes, so that deep equality looks at content alone. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const name = fc.stringMatching(/^[a-z_]{1,8}$/).filter((text) => !text.startsWith('__'));

describe('form parameters', () => {
  it('come out as our client put them in, as text', () => {
    const value = fc.letrec((tie) => ({
      leaf: fc.string({ unit: 'grapheme' }),
      list: fc.array(tie('leaf'), { minLength: 1, maxLength: 3 }),
      map: fc.dictionary(name, fc.oneof(tie('leaf'), tie('list')), { minKeys: 1, maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(value.leaf, value.list, value.map)), (given) => {
        expect(plain(decodeForm(encodeForm(given as never)))).toEqual(plain(given));
      }),
    );
  });

  it.each([
    [{ a: true, b: 1, c: undefined, d: null }, 'a=true&b=1&d='],
    [{ items: [{ price: 'p', quantity: 2 }] }, 'items%5B0%5D%5Bprice%5D=p&items%5B0%5D%5Bquantity%5D=2'],
  ])('are written as Stripe reads them: %o', (given, text) => {
    expect(encodeForm(given)).toBe(text);
  });

  it('take [] for the next of a list', () => {
    expect(plain(decodeForm('types[]=a&types[]=b'))).toEqual({ types: ['a', 'b'] });
  });

  it('touch no prototype', () => {
    decodeForm('__proto__[polluted]=1&a[__proto__][polluted]=1&constructor[prototype][polluted]=1');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each(['a=1&a[b]=2', `a${'[b]'.repeat(20)}=1`, '[a]=1'])('are refused: %s', (text) => {
    expect(() => decodeForm(text)).toThrow(StripeFailure);
  });
});
