import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, pause } from '../../events/backoff.ts';

describe('backing off', () => {
  it('doubles up to the longest wait, half of it being chance', () => {
    const waits = (random: number) =>
      [1, 2, 3, 4, 8, 100].map((attempt) => backoffMs(attempt, { random: () => random }));
    expect(waits(0)).toEqual([25, 50, 100, 200, 2_500, 2_500]);
    expect(waits(1)).toEqual([50, 100, 200, 400, 5_000, 5_000]);
  });

  it('stays between half and all of the ceiling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e4 }),
        fc.integer({ min: 1, max: 1e6 }),
        (attempt, firstMs, maxMs) => {
          const wait = backoffMs(attempt, { firstMs, maxMs });
          expect(wait).toBeLessThanOrEqual(maxMs);
          expect(wait).toBeGreaterThanOrEqual(Math.floor(Math.min(firstMs, maxMs) / 2));
        },
      ),
    );
  });

  it('ends a pause early when it is stopped', async () => {
    const stop = new AbortController();
    const paused = pause(60_000, stop.signal);
    stop.abort();
    expect(await paused).toBe(false);
    expect(await pause(1, new AbortController().signal)).toBe(true);
  });
});
