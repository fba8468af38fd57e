import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type BusContract, keyed, series, text } from './harness.ts';

/** How much of a topic is kept. */
export function describeRetention(t: BusContract): void {
  describe('retention by size', () => {
    it('lets go of the oldest records over a topic’s bytes, and of no others', async () => {
      const [mib, retentionBytes] = [1_048_576, 3 * 1_048_576];
      const topic = await t.makeTopic({ partitions: 1, retentionBytes });
      const bytes = 200_000;
      for (let round = 0; round < 10; round += 1)
        await t.bus.publish(
          topic,
          Array.from({ length: 6 }, (_, index) => keyed('a', `${round * 6 + index} `.padEnd(bytes))),
        );
      // Counted, not reckoned from offsets: a broker may skip numbers.
      const kept = async () => {
        await t.under.trim?.(t.bus);
        return (await t.readToEnd(topic)).map((record) => Number.parseInt(text(record), 10));
      };
      // A broker counts whole files, of 1 MiB at least.
      const most = retentionBytes + 2 * mib;
      await until('the oldest are gone', async () => (await kept()).length * bytes <= most, 60_000);
      const left = await kept();
      expect(left.length * bytes).toBeGreaterThanOrEqual(retentionBytes - bytes);
      expect(left).toEqual(Array.from({ length: left.length }, (_, index) => 60 - left.length + index));
    });

    it('keeps all of a topic that has no limit', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      await t.bus.publish(topic, series('a', 0, 5));
      await t.under.trim?.(t.bus);
      expect(await t.bus.positions([topic], 'earliest')).toEqual([{ topic, partition: 0, offset: 0 }]);
    });
  });
}
