import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES } from '../../../events/record-limits.ts';
import { type BusContract, byKey, keyed, PARTITIONS, series } from './harness.ts';

/** What publishing promises. */
export function describePublishing(t: BusContract): void {
  describe('publishing', () => {
    it('answers the place of each record, in order, rising within a partition', async () => {
      const topic = await t.makeTopic();
      const places = await t.bus.publish(topic, [...series('a', 0, 3), ...series('b', 0, 2)]);
      expect(places).toHaveLength(5);
      const [one, two, three] = places as [(typeof places)[0], (typeof places)[0], (typeof places)[0]];
      expect(new Set([one.partition, two.partition, three.partition]).size).toBe(1);
      expect(one.offset < two.offset && two.offset < three.offset).toBe(true);
      const read = await t.readAll(topic, 5);
      expect(read.map(({ partition, offset }) => `${partition}/${offset}`).sort()).toEqual(
        places.map(({ partition, offset }) => `${partition}/${offset}`).sort(),
      );
    });

    it('keeps key, bytes and headers as they are, and stamps the time', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      const before = Date.now();
      const value = Uint8Array.from([0, 255, 128, 10, 13, 0]);
      await t.bus.publish(topic, [
        { key: 'ключ/€', value, headers: { ce_id: '1', note: 'ünï ✓' } },
        { key: 'empty', value: new Uint8Array(), headers: {} },
      ]);
      const [first, second] = await t.readAll(topic, 2);
      expect({ ...first, value: [...(first?.value ?? [])] }).toMatchObject({
        topic,
        partition: 0,
        key: 'ключ/€',
        value: [...value],
        headers: { ce_id: '1', note: 'ünï ✓' },
      });
      expect(first?.timestamp).toBeGreaterThanOrEqual(before - 2_000);
      expect(first?.timestamp).toBeLessThanOrEqual(Date.now() + 2_000);
      expect([second?.key, second?.value.byteLength, second?.headers]).toEqual(['empty', 0, {}]);
    });

    it('keeps one key in one partition and spreads many keys over all', async () => {
      const topic = await t.makeTopic();
      const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
      const first = await t.bus.publish(
        topic,
        keys.map((key) => keyed(key, '1')),
      );
      const again = await t.bus.publish(
        topic,
        keys.map((key) => keyed(key, '2')),
      );
      expect(again.map(({ partition }) => partition)).toEqual(first.map(({ partition }) => partition));
      expect(new Set(first.map(({ partition }) => partition)).size).toBe(PARTITIONS);
    });

    it('keeps the order per key of calls that overlap', async () => {
      const topic = await t.makeTopic();
      const sends = Array.from({ length: 120 }, (_, index) => t.bus.publish(topic, series(`k${index % 7}`, index, 1)));
      await Promise.all(sends);
      const found = byKey(await t.readAll(topic, 120));
      for (const [key, values] of Object.entries(found)) {
        const numbers = values.map((value) => Number(value.slice(key.length + 1)));
        expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
      }
    });

    it('takes a batch that is larger than one request', async () => {
      const topic = await t.makeTopic();
      const big = Array.from({ length: 12 }, (_, index) => keyed(`k${index}`, 'x'.repeat(300_000)));
      await t.bus.publish(topic, big);
      expect(await t.readAll(topic, 12)).toHaveLength(12);
    });

    it('answers an empty batch with nothing', async () => {
      expect(await t.bus.publish(await t.makeTopic(), [])).toEqual([]);
    });

    it('refuses a record over the limit, and writes nothing of its batch', async () => {
      const topic = await t.makeTopic({ partitions: 1 });
      const batch = [keyed('a', 'small'), keyed('a', 'x'.repeat(MAX_RECORD_BYTES + 1))];
      await expect(t.bus.publish(topic, batch)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      expect(await t.bus.positions([topic], 'latest')).toEqual([{ topic, partition: 0, offset: 0 }]);
    });

    it('refuses a topic that nobody made, in every call', async () => {
      const refusal = { code: 'EVENT_INVALID' };
      const nowhere = 't.nowhere';
      await expect(t.bus.publish(nowhere, [keyed('a', '1')])).rejects.toMatchObject(refusal);
      await expect(t.bus.tail({ topics: [nowhere], from: 'latest', onRecord: () => {} })).rejects.toMatchObject(
        refusal,
      );
      await expect(t.collect(nowhere)).rejects.toMatchObject(refusal);
      await expect(t.bus.positions([nowhere], 'latest')).rejects.toMatchObject(refusal);
      await expect(t.bus.lag('g', [nowhere])).rejects.toMatchObject(refusal);
    });

    it('refuses a topic name that a broker would not take', async () => {
      const spec = { name: 'Not A Topic', partitions: 1, retentionMs: 1_000 };
      await expect(t.bus.ensureTopics([spec])).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    });

    it('leaves a topic as it is when it is asked for again', async () => {
      const topic = await t.makeTopic({ partitions: 2 });
      await t.bus.publish(topic, series('a', 0, 2));
      await t.bus.ensureTopics([{ name: topic, partitions: 9, retentionMs: 1 }]);
      expect(await t.bus.positions([topic], 'latest')).toHaveLength(2);
      expect(await t.readAll(topic, 2)).toHaveLength(2);
    });
  });
}
