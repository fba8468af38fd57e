import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { accepts, type BusContract, type BusUnderTest, byKey, series, text } from './harness.ts';

/** Longest that a publish may take while nothing answers: a webhook waits for it. */
const PUBLISH_LIMIT_MS = 30_000;
/** Longest until readers and writers go on after the broker is back. */
const RECOVERY_MS = 60_000;

/** What a broker that is a server adds: it can be gone, and refuse us. */
export function describeOutages(t: BusContract): void {
  describe('the broker', () => {
    it('refuses a wrong password with a code of its own, soon', async () => {
      const began = performance.now();
      await expect(has(t.under, 'openWithWrongPassword')()).rejects.toMatchObject({ code: 'BUS_UNAUTHORIZED' });
      expect(performance.now() - began).toBeLessThan(15_000);
    });

    it('may be gone: what is published meanwhile is refused with a code, and readers go on by themselves', async () => {
      const topic = await t.makeTopic();
      const consumer = await t.collect(topic);
      const seen: string[] = [];
      const tail = await t.bus.tail({
        topics: [topic],
        from: 'latest',
        onRecord: (record) => void seen.push(text(record)),
      });
      await t.bus.publish(topic, series('a', 0, 2));
      await until('all is well', () => consumer.got.length >= 2 && seen.length >= 2);
      await has(t.under, 'stopBroker')();
      const began = performance.now();
      await expect(t.bus.publish(topic, series('a', 2, 1))).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
      expect(performance.now() - began).toBeLessThan(PUBLISH_LIMIT_MS);
      await has(t.under, 'startBroker')();
      for (const next of [series('a', 2, 1), series('a', 3, 2)])
        await until('it can be published', () => accepts(t.bus, topic, next), RECOVERY_MS);
      for (const values of [() => consumer.got.map(text), () => seen]) {
        await until('the reader goes on', () => values().includes('a-4'), RECOVERY_MS);
        // What was refused may have been written all the same, hence the set.
        expect([...new Set(values())]).toEqual(series('a', 0, 5).map(text));
      }
      await Promise.all([consumer.close(), tail.close()]);
    }, 180_000);

    it('may be killed under load: every acknowledged record is there, in order per key', async () => {
      const topic = await t.makeTopic();
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const acknowledged = new Set<string>();
      let isOver = false;
      const writers = keys.map(async (key) => {
        for (let number = 0; !isOver; number += 1) {
          while (!(await accepts(t.bus, topic, series(key, number, 1)))) await wait(50);
          acknowledged.add(`${key}-${number}`);
        }
      });
      await until('records are acknowledged', () => acknowledged.size > 50);
      await has(t.under, 'stopBroker')();
      await has(t.under, 'startBroker')();
      const before = acknowledged.size;
      await until('it goes on', () => acknowledged.size > before + 50, RECOVERY_MS);
      isOver = true;
      await Promise.all(writers);
      const found = byKey(await t.readToEnd(topic));
      for (const key of keys) {
        const values = [...new Set(found[key])];
        expect(values).toEqual(series(key, 0, values.length).map(text));
      }
      const stored = new Set(Object.values(found).flat());
      expect([...acknowledged].filter((value) => !stored.has(value))).toEqual([]);
    }, 180_000);
  });
}

function has<Hook extends 'stopBroker' | 'startBroker' | 'openWithWrongPassword'>(under: BusUnderTest, hook: Hook) {
  const found = under[hook];
  if (!found) throw new Error(`A bus on a server must bring ${hook}.`);
  return found.bind(under) as NonNullable<BusUnderTest[Hook]>;
}
