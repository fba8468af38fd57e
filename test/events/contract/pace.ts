import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BusRecord } from '../../../events/bus.ts';
import { until } from '../../support/until.ts';
import { type BusContract, byKey, heldBytes, keyed, makeGate, series, text } from './harness.ts';

/** One record of a partition at a time, whatever else goes on. */
export function describePace(t: BusContract): void {
  describe('the pace of a group', () => {
    it('works on one record of a partition at a time, however slow the handler', async () => {
      const topic = await t.makeTopic({ partitions: 2 });
      const running = new Map<number, number>();
      let most = 0;
      let done = 0;
      const handler = async ({ partition }: BusRecord) => {
        running.set(partition, (running.get(partition) ?? 0) + 1);
        most = Math.max(most, running.get(partition)!);
        await wait(3);
        running.set(partition, running.get(partition)! - 1);
        done += 1;
      };
      await t.bus.publish(
        topic,
        Array.from({ length: 60 }, (_, index) => keyed(`k${index}`, 'x')),
      );
      const slow = await t.collect(topic, { handler });
      await until('the slow one is through', () => done >= 60);
      expect(most).toBe(1);
      await slow.close();
    });

    it('goes on with the other partitions while a handler of one takes its time', async () => {
      const topic = await t.makeTopic();
      const [slow, quick] = (await t.keysApart(topic, 2)) as [string, string];
      const gate = makeGate();
      let isHeld = false;
      const done: string[] = [];
      const consumer = await t.collect(topic, {
        from: 'latest',
        handler: async (record) => {
          if (record.key === slow) {
            isHeld = true;
            await gate.opened;
          }
          done.push(text(record));
        },
      });
      await t.bus.publish(topic, series(slow, 0, 1));
      await until('the slow handler is at work', () => isHeld);
      // One after the other, so that none of them can have been fetched together with the slow one.
      for (let round = 0; round < 3; round += 1) {
        await t.bus.publish(topic, series(quick, round, 1));
        await until(`the other partition gets round ${round}`, () => done.includes(`${quick}-${round}`));
      }
      expect(done).toEqual(series(quick, 0, 3).map(text));
      gate.open();
      await until('the slow one is through', () => done.includes(`${slow}-0`));
      await consumer.close();
    });

    it('does not read on without bound ahead of handlers that stand still', async () => {
      const topic = await t.makeTopic({ partitions: 4 });
      const [rounds, perRound, bytes] = [10, 40, 100_000];
      for (let round = 0; round < rounds; round += 1)
        await t.bus.publish(
          topic,
          Array.from({ length: perRound }, (_, index) => keyed(`k${index}`, 'x'.repeat(bytes))),
        );
      const gate = makeGate();
      let [running, most, done] = [0, 0, 0];
      const before = heldBytes();
      const consumer = await t.collect(topic, {
        handler: async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.opened;
          running -= 1;
          done += 1;
        },
      });
      await until('a handler of each partition stands', () => running === 4);
      let grown = 0;
      for (let look = 0; look < 15; look += 1) {
        await wait(100);
        grown = Math.max(grown, heldBytes() - before);
      }
      expect(grown).toBeLessThan((rounds * perRound * bytes) / 2);
      gate.open();
      await until('all are through', () => done === rounds * perRound, 30_000);
      expect(most).toBe(4);
      await consumer.close();
    });

    it('never works on one key in two members at once, though partitions move from handlers at work', async () => {
      const topic = await t.makeTopic({ partitions: 4 });
      const group = t.makeGroup();
      const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
      const running = new Map<string, number>();
      let most = 0;
      const done: BusRecord[] = [];
      const handler = async (record: BusRecord) => {
        running.set(record.key, (running.get(record.key) ?? 0) + 1);
        most = Math.max(most, running.get(record.key)!);
        await wait(150);
        running.set(record.key, running.get(record.key)! - 1);
        done.push(record);
      };
      await t.bus.publish(
        topic,
        keys.flatMap((key) => series(key, 0, 6)),
      );
      const one = await t.bus.consume({ group, topics: [topic], handler });
      await until('the first is at work', () => done.length > 0);
      const two = await t.bus.consume({ group, topics: [topic], handler });
      await until('records went through', () => done.length >= 16);
      await one.close();
      await until('all went through', () => new Set(done.map(text)).size >= 48, 30_000);
      await two.close();
      expect(most).toBe(1);
      for (const [key, values] of Object.entries(byKey(done)))
        expect([...new Set(values)]).toEqual(series(key, 0, 6).map(text));
    });
  });
}
