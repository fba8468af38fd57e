import { describe, expect, it } from 'vitest';
import type { BusRecord } from '../../../events/bus.ts';
import { Lane, type LaneOptions } from '../../../events/kafka/lane.ts';
import { until } from '../../support/until.ts';

const record = (offset: number, bytes = 1): BusRecord => ({
  topic: 't.a',
  partition: 0,
  offset,
  timestamp: 0,
  key: 'k',
  value: Buffer.alloc(bytes),
  headers: {},
});
const records = (from: number, count: number, bytes?: number) =>
  Array.from({ length: count }, (_, index) => record(from + index, bytes));

function open(options: Partial<LaneOptions> = {}) {
  const settled: number[] = [];
  const stop = new AbortController();
  const lane = new Lane({
    take: async () => true,
    onSettled: ({ offset }) => void settled.push(offset),
    onRoom: () => {},
    signal: stop.signal,
    after: Promise.resolve(),
    ...options,
  });
  return { lane, settled, stop };
}

describe('a lane', () => {
  it('takes records one after the other, in the order they were pushed', async () => {
    let running = 0;
    const { lane, settled } = open({
      take: async () => {
        running += 1;
        await Promise.resolve();
        const alone = running === 1;
        running -= 1;
        return alone;
      },
    });
    lane.push(records(0, 300));
    lane.push(records(300, 5));
    await lane.atWork;
    expect(settled).toEqual(records(0, 305).map(({ offset }) => offset));
    expect(lane.atWork).toBeNull();
    lane.push(records(305, 1));
    await lane.atWork;
    expect(settled.at(-1)).toBe(305);
  });

  it('is full over its bytes or its records, and tells once when there is room again', async () => {
    let room = 0;
    let letGo: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { lane } = open({
      onRoom: () => {
        room += 1;
      },
      take: async () => {
        await gate;
        return true;
      },
    });
    expect(lane.push(records(0, 9, 100_000))).toBe(false);
    expect(lane.push(records(9, 3, 100_000))).toBe(true);
    expect(lane.push(records(12, 1))).toBe(true);
    expect(room).toBe(0);
    letGo();
    await lane.atWork;
    expect(room).toBe(1);
    expect(lane.push(records(13, 5_001))).toBe(true);
    await lane.atWork;
    expect(room).toBe(2);
  });

  it('ends with the record at hand once stopped, and takes nothing that was not settled as settled', async () => {
    const taken: number[] = [];
    const { lane, settled, stop } = open({
      take: async ({ offset }) => {
        taken.push(offset);
        if (offset === 1) stop.abort();
        return offset !== 1;
      },
    });
    lane.push(records(0, 4));
    await lane.atWork;
    expect([taken, settled]).toEqual([[0, 1], [0]]);
  });

  it('waits for whoever worked on the partition before', async () => {
    let letGo = () => {};
    const after = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { lane, settled } = open({ after });
    lane.push(records(0, 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([]);
    letGo();
    await until('both are settled', () => settled.length === 2);
  });
});
