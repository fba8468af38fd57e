import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type BusContract, byKey, series, text } from './harness.ts';

/** Reading again, and what is still to be read. */
export function describeReplay(t: BusContract): void {
  describe('replay and lag', () => {
    it('counts what a group has not read', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      const behind = async () => (await t.bus.lag(group, [topic])).reduce((sum, lag) => sum + lag.behind, 0);
      await t.bus.publish(topic, [...series('a', 0, 4), ...series('b', 0, 3)]);
      expect(await behind()).toBe(7);
      const consumer = await t.collect(topic, { group });
      await until('nothing is left', async () => (await behind()) === 0);
      await consumer.close();
      await t.bus.publish(topic, series('a', 4, 2));
      expect(await behind()).toBe(2);
      expect((await t.bus.lag(group, [topic]))[0]).toMatchObject({ group, topic, partition: 0 });
    });

    it('reads a group anew from where it was set back to', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      await t.bus.publish(topic, series('a', 0, 4));
      const first = await t.collect(topic, { group });
      await until('all were read', () => first.got.length >= 4);
      await first.close();
      const place = first.got[2]!;
      await t.bus.reset(group, [{ topic, partition: place.partition, offset: place.offset }]);
      const second = await t.collect(topic, { group });
      await until('the rest came again', () => second.got.length >= 2);
      expect(second.got.map(text)).toEqual(['a-2', 'a-3']);
      await second.close();
      await t.bus.reset(group, await t.bus.positions([topic], 'earliest'));
      const third = await t.collect(topic, { group });
      await until('all came again', () => third.got.length >= 4);
      expect(third.got.map(text)).toEqual(first.got.map(text));
      await third.close();
    });

    it('finds the first record at or after a time', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      await t.bus.publish(topic, series('a', 0, 3));
      await wait(30);
      const [middle] = await t.bus.publish(topic, series('a', 3, 1));
      await wait(30);
      await t.bus.publish(topic, series('a', 4, 2));
      const records = await t.readAll(topic, 6);
      const time = records.find(({ offset }) => offset === middle?.offset)!.timestamp;
      expect(await t.bus.positions([topic], { time })).toEqual([middle]);
      expect(await t.bus.positions([topic], { time: 0 })).toEqual(await t.bus.positions([topic], 'earliest'));
      const future = { time: Date.now() + 3_600_000 };
      expect(await t.bus.positions([topic], future)).toEqual(await t.bus.positions([topic], 'latest'));
    });

    it('reads a group anew from a time', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      await t.bus.publish(topic, [...series('a', 0, 2), ...series('b', 0, 2)]);
      const first = await t.collect(topic, { group });
      await until('four were read', () => first.got.length >= 4);
      await wait(30);
      await t.bus.publish(topic, [...series('a', 2, 2), ...series('b', 2, 1)]);
      await until('seven were read', () => first.got.length >= 7);
      await first.close();
      const time = Math.min(...first.got.slice(4).map(({ timestamp }) => timestamp));
      await t.bus.reset(group, await t.bus.positions([topic], { time }));
      const again = await t.collect(topic, { group });
      await until('three came again', () => again.got.length >= 3);
      expect(byKey(again.got)).toEqual({ a: ['a-2', 'a-3'], b: ['b-2'] });
      await again.close();
    });

    it('refuses to move a group while a member runs', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      const consumer = await t.collect(topic, { group });
      const start = await t.bus.positions([topic], 'earliest');
      await expect(t.bus.reset(group, start)).rejects.toMatchObject({ code: 'CONFLICT' });
      await consumer.close();
    });

    it('refuses to move a group to where nothing is', async () => {
      const topic = await t.makeTopic();
      const beyond = [{ topic, partition: 0, offset: 99 }];
      await expect(t.bus.reset(t.makeGroup(), beyond)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    });
  });
}
