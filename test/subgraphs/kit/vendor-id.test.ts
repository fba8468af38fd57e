import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefixOf } from '../../../lib/ids.ts';
import { fromVendorId, toVendorId } from '../../../subgraphs/kit/vendor-id.ts';

const part = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const ref = fc.record({ vendor: part, connection: part, externalId: fc.string({ minLength: 1, unit: 'grapheme' }) });

describe('vendor ids', () => {
  it('give back what they were made of', () => {
    fc.assert(
      fc.property(ref, (given) => {
        expect(fromVendorId(toVendorId(given))).toEqual(given);
      }),
    );
  });

  it('differ whenever one of the three differs', () => {
    fc.assert(
      fc.property(ref, ref, (a, b) => {
        const same = a.vendor === b.vendor && a.connection === b.connection && a.externalId === b.externalId;
        expect(toVendorId(a) === toVendorId(b)).toBe(same);
      }),
    );
  });

  it('never look like an id of ours', () => {
    fc.assert(
      fc.property(ref, (given) => {
        expect(prefixOf(toVendorId(given))).toBeNull();
      }),
    );
  });

  it('are read from no text that is not one, to the last bit', () => {
    const id = toVendorId({ vendor: 'stripe', connection: 'default', externalId: 'in_1' });
    const padded = Buffer.from('stripe:default:in_1').toString('base64');
    const others = ['', 'in_1', `${id}=`, ` ${id}`, padded, Buffer.from('stripe::in_1').toString('base64url')];
    expect(others.filter((text) => text !== id).map(fromVendorId)).toEqual(
      others.filter((text) => text !== id).map(() => null),
    );
  });

  it.each([
    { vendor: 'Stripe', connection: 'default', externalId: 'in_1' },
    { vendor: 'stripe', connection: 'a:b', externalId: 'in_1' },
    { vendor: 'stripe', connection: 'default', externalId: '' },
  ])('refuse %o', (given) => {
    expect(() => toVendorId(given)).toThrow(RangeError);
  });
});
