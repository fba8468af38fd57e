import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../events/embedded/record-codec.ts';

const records = fc.record({
  timestamp: fc.nat(Number.MAX_SAFE_INTEGER),
  key: fc.string({ unit: 'grapheme' }),
  headers: fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })),
  value: fc.uint8Array(),
});

describe('the record codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(records, (record) => {
        const { value, headers, ...rest } = decodeRecord(encodeRecord(record));
        expect(rest).toEqual({ timestamp: record.timestamp, key: record.key });
        expect({ ...headers }).toEqual({ ...record.headers });
        expect([...value]).toEqual([...record.value]);
      }),
    );
  });

  it('finds every changed and every missing byte', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, at, change) => {
        const bytes = encodeRecord(record);
        const shorter = bytes.subarray(0, at % bytes.length);
        expect(() => decodeRecord(shorter)).toThrow(expect.objectContaining({ code: 'DATA_CORRUPT' }));
        bytes[at % bytes.length]! ^= change;
        expect(() => decodeRecord(bytes)).toThrow(expect.objectContaining({ code: 'DATA_CORRUPT' }));
      }),
    );
  });
});
