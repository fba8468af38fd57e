import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BusRecord } from '../../../events/bus.ts';
import { newUlid } from '../../../lib/ids.ts';
import { until } from '../../support/until.ts';
import { type BusContract, byKey, keyed, series, text } from './harness.ts';

/** How a group shares, begins and remembers. */
export function describeGroups(t: BusContract): void {
  describe('groups', () => {
    it('brings every record to every group, in order per key', async () => {
      const topic = await t.makeTopic();
      const [one, two] = await Promise.all([t.collect(topic), t.collect(topic)]);
      for (let round = 0; round < 5; round += 1)
        await t.bus.publish(topic, [...series('a', round * 4, 4), ...series('b', round * 4, 4)]);
      await until('both groups have all', () => one.got.length >= 40 && two.got.length >= 40);
      for (const { got } of [one, two])
        expect(byKey(got)).toEqual({
          a: series('a', 0, 20).map(text),
          b: series('b', 0, 20).map(text),
        });
      await Promise.all([one.close(), two.close()]);
    });

    it('shares the partitions among the members of a group, each record reaching one of them', async () => {
      const topic = await t.makeTopic({ partitions: 4 });
      const group = t.makeGroup();
      const one = await t.collect(topic, { group });
      const two = await t.collect(topic, { group });
      const places = async () => [...one.got, ...two.got].length;
      // Members of a broker's group may still be settling: records go out until both have had some.
      await until('both members read', async () => {
        await t.bus.publish(
          topic,
          Array.from({ length: 20 }, (_, index) => keyed(`k${index}`, newUlid())),
        );
        await wait(50);
        return one.got.length > 0 && two.got.length > 0;
      });
      const total = (await t.bus.positions([topic], 'latest')).reduce((sum, { offset }) => sum + offset, 0);
      await until('all arrived', async () => (await places()) >= total);
      const settled = [one.got, two.got].map((got) => new Set(got.slice(-5).map(({ partition }) => partition)));
      expect([...settled[0]!].filter((partition) => settled[1]!.has(partition))).toEqual([]);
      expect(new Set([...one.got, ...two.got].map(text)).size).toBe(total);
      await Promise.all([one.close(), two.close()]);
    });

    it('hands a leaving member’s partitions to those that stay', async () => {
      const topic = await t.makeTopic({ partitions: 4 });
      const group = t.makeGroup();
      const one = await t.collect(topic, { group });
      const two = await t.collect(topic, { group });
      await two.close();
      const before = two.got.length;
      await t.bus.publish(
        topic,
        Array.from({ length: 40 }, (_, index) => keyed(`k${index}`, String(index))),
      );
      await until('the one that stays has all', () => new Set(one.got.map(text)).size >= 40);
      expect(two.got).toHaveLength(before);
      await one.close();
    });

    it('loses nothing and keeps the order per key while members come and go', async () => {
      const topic = await t.makeTopic({ partitions: 4 });
      const group = t.makeGroup();
      const got: BusRecord[] = [];
      const handler = async (record: BusRecord) => {
        await wait(1);
        got.push(record);
      };
      const first = await t.bus.consume({ group, topics: [topic], handler });
      const sending = (async () => {
        for (let round = 0; round < 30; round += 1) {
          await t.bus.publish(
            topic,
            ['a', 'b', 'c', 'd', 'e'].flatMap((key) => series(key, round * 2, 2)),
          );
          await wait(10);
        }
      })();
      const second = await t.bus.consume({ group, topics: [topic], handler });
      const third = await t.bus.consume({ group, topics: [topic], handler });
      await first.close();
      await second.close();
      await sending;
      await until('all records arrived', () => new Set(got.map(text)).size >= 300, 30_000);
      await third.close();
      // At least once: a record may come twice, but the first time it comes in its order.
      for (const [key, values] of Object.entries(byKey(got)))
        expect([...new Set(values)]).toEqual(series(key, 0, 60).map(text));
    });

    it('begins at the first record kept, or at the end', async () => {
      const topic = await t.makeTopic();
      await t.bus.publish(topic, series('a', 0, 3));
      const early = await t.collect(topic, { from: 'earliest' });
      const late = await t.collect(topic, { from: 'latest' });
      await t.bus.publish(topic, series('a', 3, 2));
      await until('both have theirs', () => early.got.length >= 5 && late.got.length >= 2);
      expect([early.got.map(text), late.got.map(text)]).toEqual([
        series('a', 0, 5).map(text),
        series('a', 3, 2).map(text),
      ]);
      await Promise.all([early.close(), late.close()]);
    });

    it('remembers a beginning at the end, though nothing was ever committed', async () => {
      const topic = await t.makeTopic();
      await t.bus.publish(topic, series('a', 0, 2));
      const group = t.makeGroup();
      await (await t.collect(topic, { group, from: 'latest' })).close();
      await t.bus.publish(topic, series('a', 2, 2));
      const again = await t.collect(topic, { group, from: 'latest' });
      await until('what came meanwhile arrived', () => again.got.length >= 2);
      expect(again.got.map(text)).toEqual(['a-2', 'a-3']);
      await again.close();
    });

    it('goes on after the committed record when the bus is opened again', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      await t.bus.publish(topic, series('a', 0, 3));
      const before = await t.collect(topic, { group });
      await until('three arrived', () => before.got.length >= 3);
      await before.close();
      await t.reopen();
      await t.bus.publish(topic, series('a', 3, 2));
      const after = await t.collect(topic, { group });
      await until('two arrived', () => after.got.length >= 2);
      expect(after.got.map(text)).toEqual(['a-3', 'a-4']);
      await after.close();
    });
  });
}
