import { describe, expect, it } from 'vitest';
import { type BusContract, PARTITIONS, series } from './harness.ts';

/** The end of a bus. */
export function describeClosing(t: BusContract): void {
  describe('closing', () => {
    it('ends consumers and tails, twice without harm, and refuses what comes after', async () => {
      const topic = await t.makeTopic();
      await t.bus.tail({ topics: [topic], from: 'latest', onRecord: () => {} });
      await t.collect(topic);
      await Promise.all([t.bus.close(), t.bus.close()]);
      await expect(t.bus.publish(topic, series('a', 0, 1))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      await t.reopen();
      expect(await t.bus.positions([topic], 'latest')).toHaveLength(PARTITIONS);
    });
  });
}
