import { expect, it } from 'vitest';
import { endOfSlice, hurry, nextTurn } from '../../../../store/embedded/query/turns.ts';

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

it('lets one of many waiting scans go on in each turn of the thread, in order', async () => {
  const order: string[] = [];
  const scan = async (name: string) => {
    for (let slice = 1; slice <= 3; slice += 1) {
      await nextTurn();
      order.push(`${name}${slice}`);
    }
  };
  const scans = Promise.all(['a', 'b', 'c'].map(scan));
  const counts: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    await turnOfTheLoop();
    counts.push(order.length);
  }
  await scans;
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
  for (const [turn, count] of counts.entries()) expect(count - (counts[turn - 1] ?? 0)).toBeLessThanOrEqual(1);
});

it('shortens slices while a commit is on its way, whichever of several ends first', () => {
  const slice = () => endOfSlice() - performance.now();
  const alone = slice();
  const [first, second] = [hurry(), hurry()];
  first();
  expect(slice()).toBeLessThan(alone / 2);
  second();
  expect(slice()).toBeGreaterThan(alone / 2);
});
