import type { Message, Options } from 'amqplib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../events/bus.ts';
import { FIRST_RECORD, isFirst, partitionOf, toBusRecord, toMessage } from '../../../events/rabbitmq/record-codec.ts';

const place = { topic: 't', partition: 2 };
/** As the stream brings it: with its offset among the headers. */
const read = ({ content, options }: { content: Buffer; options: Options.Publish }, offset = 8) =>
  ({
    content,
    properties: { ...options, headers: { ...options.headers, 'x-stream-offset': offset } },
  }) as unknown as Message;

describe('a record as a message', () => {
  it('stands under its own names, with the value as the body', () => {
    const { content, options } = toMessage({ key: 'a', value: Buffer.from('v'), headers: { ce_id: '1' } }, 1_999);
    expect([String(content), options]).toEqual([
      'v',
      { timestamp: 1, headers: { ce_id: '1', tributary_key: 'a', tributary_time: 1_999 } },
    ]);
  });

  it.each([
    ['a long key', { key: 'k'.repeat(20_000), headers: {} }],
    ['a long header', { key: 'k', headers: { note: 'x'.repeat(20_000) } }],
    ['a name of the broker', { key: 'k', headers: { 'x-death': '1' } }],
    ['a name of ours', { key: 'k', headers: { tributary_key: 'other' } }],
    ['a name that is no name', { key: 'k', headers: { '': '1' } }],
  ])('travels in the body with %s', (_, { key, headers }) => {
    const message = toMessage({ key, headers: headers as Record<string, string>, value: Buffer.from('v') }, 5);
    expect(Object.keys(message.options.headers)).toEqual(['tributary_packed', 'tributary_time']);
    expect(toBusRecord(place, read(message))).toMatchObject({ key, headers, value: Buffer.from('v') });
  });

  it('comes back as it was', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('ce_id', '__proto__', 'constructor', 'x-a', 'tributary_time'));
    const headers = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true });
    const record = fc.record({ key: fc.string({ unit: 'grapheme' }), value: fc.uint8Array(), headers });
    fc.assert(
      fc.property(record, fc.nat(), (wanted: OutgoingRecord, offset) => {
        const got = toBusRecord(place, read(toMessage(wanted, 1_234), offset + 1));
        expect({ ...got, value: [...got.value] }).toEqual({
          ...place,
          offset,
          timestamp: 1_234,
          key: wanted.key,
          headers: wanted.headers,
          value: [...wanted.value],
        });
      }),
    );
  });
});

it('knows the record that nobody is shown', () => {
  expect(isFirst(read(FIRST_RECORD))).toBe(true);
  expect(isFirst(read(toMessage({ key: '', value: new Uint8Array(), headers: {} }, 1)))).toBe(false);
});

it('keeps keys where they ever were', () => {
  expect(['', 'a', 'acc_01J', 'ключ/€'].map((key) => partitionOf(key, 12))).toMatchInlineSnapshot(`
    [
      1,
      11,
      10,
      7,
    ]
  `);
});
