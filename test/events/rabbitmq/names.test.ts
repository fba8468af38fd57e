import { expect, it } from 'vitest';
import { logArguments, placeName, turnName } from '../../../events/rabbitmq/names.ts';

const MIB = 1_048_576;

it('keeps names within what AMQP takes, and apart', () => {
  const group = 'g'.repeat(200);
  const names = [0, 1].flatMap((partition) =>
    ['a', 'b'].flatMap((end) => {
      const place = { topic: `${'t'.repeat(197)}.${end}`, partition };
      return [turnName(group, place), placeName(group, place)];
    }),
  );
  expect(Math.max(...names.map((name) => Buffer.byteLength(name)))).toBeLessThanOrEqual(255);
  expect(new Set(names).size).toBe(8);
});

it('names what an operator sees', () => {
  const place = { topic: 'crm.account', partition: 3 };
  expect([turnName('mirror', place), placeName('mirror', place)]).toEqual([
    'tributary.group.mirror/crm.account/3/turn',
    'tributary.group.mirror/crm.account/3/place',
  ]);
});

it.each([
  [{ retentionMs: 1 }, { 'x-max-age': '1s', 'x-stream-max-segment-size-bytes': 32 * MIB }],
  [
    { retentionMs: 7 * 86_400_000, retentionBytes: 3 * MIB },
    { 'x-max-age': '604800s', 'x-stream-max-segment-size-bytes': MIB, 'x-max-length-bytes': 4 * MIB },
  ],
  [
    { retentionMs: 1_001, retentionBytes: 80 * MIB },
    { 'x-max-age': '2s', 'x-stream-max-segment-size-bytes': 10 * MIB, 'x-max-length-bytes': 90 * MIB },
  ],
])('keeps of %o what was asked, and a file more', (spec, wanted) => {
  expect(logArguments(spec)).toEqual({ 'x-queue-type': 'stream', ...wanted });
});
