import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 24 * 3_600_000;
const TOPIC = 't.kept';
const many = (count: number) =>
  Array.from({ length: count }, () => ({ key: 'a', value: Buffer.alloc(10), headers: {} }));

describe('retention by age', () => {
  let clock: ReturnType<typeof createFrozenClock>;
  let bus: EmbeddedBus;

  beforeEach(async () => {
    clock = createFrozenClock(Date.UTC(2026, 0, 1));
    bus = await openTestBus([{ name: TOPIC, partitions: 1, retentionMs: 7 * DAY_MS }], {
      clock,
      elapsed: () => clock.now(),
    });
  });
  afterEach(() => bus.close());

  const extent = async () => {
    const [[start], [end]] = await Promise.all([bus.positions([TOPIC], 'earliest'), bus.positions([TOPIC], 'latest')]);
    return [start?.offset, end?.offset];
  };

  it('removes what is older than the topic keeps, and nothing younger', async () => {
    await bus.publish(TOPIC, many(2_500));
    clock.advance(7 * DAY_MS);
    await bus.publish(TOPIC, many(5));
    expect(await bus.trim()).toBe(0);
    clock.advance(1);
    expect(await bus.trim()).toBe(2_500);
    expect(await extent()).toEqual([2_500, 2_505]);
  });

  it('never gives an offset twice, even when nothing is left', async () => {
    await bus.publish(TOPIC, many(3));
    clock.advance(8 * DAY_MS);
    await bus.trim();
    expect(await extent()).toEqual([3, 3]);
    expect((await bus.publish(TOPIC, many(1)))[0]?.offset).toBe(3);
  });

  it('keeps dead letters for a month at least', async () => {
    await bus.publish(`${TOPIC}.dlq`, many(2));
    clock.advance(29 * DAY_MS);
    expect(await bus.trim()).toBe(0);
    clock.advance(2 * DAY_MS);
    expect(await bus.trim()).toBe(2);
  });

  it('keeps times rising when the machine’s clock falls back', async () => {
    await bus.publish(TOPIC, many(1));
    clock.advance(-DAY_MS);
    await bus.publish(TOPIC, many(1));
    expect(await bus.positions([TOPIC], { time: clock.now() + DAY_MS })).toEqual([
      { topic: TOPIC, partition: 0, offset: 0 },
    ]);
    expect(await bus.positions([TOPIC], { time: clock.now() + DAY_MS + 1 })).toEqual(
      await bus.positions([TOPIC], 'latest'),
    );
  });

  it('finds nothing old when the machine’s clock jumps ahead of the process, nor when it jumps back', async () => {
    let elapsed = 0;
    const jumping = await openTestBus([{ name: TOPIC, partitions: 1, retentionMs: 7 * DAY_MS }], {
      clock,
      elapsed: () => elapsed,
    });
    await jumping.publish(TOPIC, many(3));
    clock.advance(365 * DAY_MS);
    expect(await jumping.trim()).toBe(0);
    clock.advance(-400 * DAY_MS);
    expect(await jumping.trim()).toBe(0);
    clock.advance(35 * DAY_MS + 8 * DAY_MS);
    elapsed += 8 * DAY_MS;
    expect(await jumping.trim()).toBe(3);
    await jumping.close();
  });

  it('lets a tail that fell behind go on with what is kept', async () => {
    const seen: number[] = [];
    let letGo = () => {};
    const tail = await bus.tail({
      topics: [TOPIC],
      from: 'latest',
      onRecord: ({ offset }) => {
        seen.push(offset);
        return offset === 0 ? new Promise((resolve) => (letGo = resolve)) : undefined;
      },
    });
    await bus.publish(TOPIC, many(1));
    await until('it is held up', () => seen.length === 1);
    await bus.publish(TOPIC, many(2));
    clock.advance(8 * DAY_MS);
    await bus.publish(TOPIC, many(1));
    await bus.trim();
    letGo();
    await until('it goes on', () => seen.length >= 2);
    expect(seen).toEqual([0, 3]);
    await tail.close();
  });
});
