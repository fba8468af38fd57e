import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { startMember } from '../bus-process.ts';
import { type BusContract, series, text } from './harness.ts';

/** What becomes of a record whose member is closed or killed. */
export function describeInterruptions(t: BusContract): void {
  describe('interruptions', () => {
    it('brings a record again that was not settled when its member was closed', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      const started: string[] = [];
      const first = await t.collect(topic, {
        group,
        handler: (record, { signal }) =>
          new Promise((_, reject) => {
            started.push(text(record));
            signal.addEventListener('abort', () => reject(new Error('interrupted')));
          }),
      });
      await t.bus.publish(topic, series('a', 0, 2));
      await until('the first record is being handled', () => started.length >= 1);
      await first.close();
      const second = await t.collect(topic, { group });
      await until('both came to the next member', () => second.got.length >= 2);
      expect(second.got.map(text)).toEqual(['a-0', 'a-1']);
      await second.close();
    });

    it('brings a record again whose process was killed at work on it, and none before it is skipped', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      await t.bus.publish(topic, series('a', 0, 4));
      await t.reopen(async () => {
        const member = await startMember(t.under.elsewhere, { group, topic, settle: 1 });
        expect(await member.atWorkOn()).toBe('a-1');
        await member.kill();
      });
      const next = await t.collect(topic, { group });
      // A broker first counts on the dead member to come back.
      await until('the rest came to another member', () => next.got.some((record) => text(record) === 'a-3'), 45_000);
      expect(next.got.map(text).filter((value) => value !== 'a-0')).toEqual(['a-1', 'a-2', 'a-3']);
      await next.close();
    });

    it('waits for the running handler when closed, and commits its record', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      let finished = false;
      let began = false;
      const first = await t.collect(topic, {
        group,
        handler: async () => {
          began = true;
          await wait(100);
          finished = true;
        },
      });
      await t.bus.publish(topic, series('a', 0, 1));
      await until('the handler runs', () => began);
      await first.close();
      expect(finished).toBe(true);
      await until('it is committed', async () => (await t.bus.lag(group, [topic])).every(({ behind }) => behind === 0));
    });
  });
}
