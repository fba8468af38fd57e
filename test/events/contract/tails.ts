import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BusRecord } from '../../../events/bus.ts';
import { until } from '../../support/until.ts';
import { type BusContract, byKey, series, text } from './harness.ts';

/** Readings without a group. */
export function describeTails(t: BusContract): void {
  describe('tails', () => {
    it('see all that is published after they began, every one of them', async () => {
      const topic = await t.makeTopic();
      await t.bus.publish(topic, series('a', 0, 2));
      const seen: string[][] = [[], []];
      const tails = await Promise.all(
        seen.map((own) =>
          t.bus.tail({ topics: [topic], from: 'latest', onRecord: (record) => void own.push(text(record)) }),
        ),
      );
      await t.bus.publish(topic, series('a', 2, 3));
      await until('both saw it', () => seen.every((own) => own.length >= 3));
      expect(seen).toEqual([series('a', 2, 3).map(text), series('a', 2, 3).map(text)]);
      await Promise.all(tails.map((tail) => tail.close()));
    });

    it('resume from the positions of another without a gap or a repetition', async () => {
      const topic = await t.makeTopic();
      const first: string[] = [];
      const one = await t.bus.tail({
        topics: [topic],
        from: 'latest',
        onRecord: (record) => void first.push(text(record)),
      });
      await t.bus.publish(topic, [...series('a', 0, 3), ...series('b', 0, 3)]);
      await until('the first saw six', () => first.length >= 6);
      await one.close();
      await t.bus.publish(topic, [...series('a', 3, 2), ...series('b', 3, 2)]);
      const then: BusRecord[] = [];
      const two = await t.bus.tail({
        topics: [topic],
        from: one.positions(),
        onRecord: (record) => void then.push(record),
      });
      await t.bus.publish(topic, series('a', 5, 1));
      await until('the second saw the rest', () => then.length >= 5);
      expect(byKey(then)).toEqual({ a: series('a', 3, 3).map(text), b: series('b', 3, 2).map(text) });
      await two.close();
    });

    it('read topics that a position does not name from the latest', async () => {
      const [known, other] = [await t.makeTopic({ partitions: 1 }), await t.makeTopic({ partitions: 1 })];
      await t.bus.publish(known, series('a', 0, 2));
      await t.bus.publish(other, series('b', 0, 2));
      const seen: string[] = [];
      const from = await t.bus.positions([known], 'earliest');
      const tail = await t.bus.tail({
        topics: [known, other],
        from,
        onRecord: (record) => void seen.push(text(record)),
      });
      await t.bus.publish(other, series('b', 2, 1));
      await until('three came', () => seen.length >= 3);
      expect(seen.sort()).toEqual(['a-0', 'a-1', 'b-2']);
      await tail.close();
    });

    it('resume from positions of before the bus was opened again', async () => {
      const topic = await t.makeTopic();
      await t.bus.publish(topic, series('a', 0, 3));
      const from = await t.bus.positions([topic], 'latest');
      await t.bus.publish(topic, series('a', 3, 2));
      await t.reopen();
      const seen: string[] = [];
      const tail = await t.bus.tail({ topics: [topic], from, onRecord: (record) => void seen.push(text(record)) });
      await until('both came', () => seen.length >= 2);
      expect(seen).toEqual(['a-3', 'a-4']);
      await tail.close();
    });

    it('hold a partition back until the record at hand is taken', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      const events: string[] = [];
      const tail = await t.bus.tail({
        topics: [topic],
        from: 'latest',
        onRecord: async (record) => {
          events.push(`+${text(record)}`);
          await wait(5);
          events.push(`-${text(record)}`);
        },
      });
      await t.bus.publish(topic, series('a', 0, 4));
      await until('all were taken', () => events.length >= 8);
      expect(events).toEqual(series('a', 0, 4).flatMap((record) => [`+${text(record)}`, `-${text(record)}`]));
      await tail.close();
    });

    it('go on after a record they failed on', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      const seen: string[] = [];
      const tail = await t.bus.tail({
        topics: [topic],
        from: 'latest',
        onRecord: (record) => {
          seen.push(text(record));
          if (seen.length === 1) throw new Error('once');
          return seen.length === 2 ? Promise.reject(new Error('twice')) : undefined;
        },
      });
      await t.bus.publish(topic, series('a', 0, 3));
      await until('all three were shown', () => seen.length >= 3);
      expect(seen).toEqual(['a-0', 'a-1', 'a-2']);
      await tail.close();
    });

    it('refuse a position that is no longer kept, or was never written', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      await t.bus.publish(topic, series('a', 0, 5));
      const from = await t.bus.positions([topic], 'earliest');
      await t.under.expire(t.bus, topic);
      const open = (offset: number) =>
        t.bus.tail({ topics: [topic], from: [{ topic, partition: 0, offset }], onRecord: () => {} });
      expect(await t.bus.positions([topic], 'earliest')).toEqual([{ topic, partition: 0, offset: 5 }]);
      await expect(open(from[0]!.offset)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
      await expect(open(6)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
      await (await open(5)).close();
      expect((await t.bus.publish(topic, series('a', 5, 1)))[0]?.offset).toBe(5);
    });

    it('let a group whose place is gone go on with the first record kept', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      const group = t.makeGroup();
      await t.bus.publish(topic, series('a', 0, 2));
      const first = await t.collect(topic, { group });
      await until('two were read', () => first.got.length >= 2);
      await first.close();
      await t.bus.publish(topic, series('a', 2, 2));
      await t.under.expire(t.bus, topic);
      await t.bus.publish(topic, series('a', 4, 1));
      const second = await t.collect(topic, { group });
      await until('it goes on', () => second.got.length >= 1);
      expect(second.got.map(text)).toEqual(['a-4']);
      await second.close();
    });
  });
}
