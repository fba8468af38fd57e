import { expect, it } from 'vitest';
import { createFrozenClock, systemClock, toTimestamp } from '../../lib/clock.ts';

it('the system clock tells the time of the machine', () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

it('a frozen clock moves only when told to', () => {
  const clock = createFrozenClock(1_000);
  expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
  clock.advance(500);
  expect(clock.now()).toBe(1_500);
});

it('a timestamp is RFC 3339 in UTC with milliseconds', () => {
  expect(toTimestamp(createFrozenClock(Date.UTC(2026, 1, 3, 4, 5, 6, 7)))).toBe('2026-02-03T04:05:06.007Z');
});
