import { expect, it } from 'vitest';
import { withPatience } from '../../../events/kafka/patience.ts';

/** Fails so often, then answers how often it was run. */
function flaky(failures: number, facts: { retriable?: boolean; type?: string }) {
  let runs = 0;
  return async () => {
    runs += 1;
    if (runs <= failures) throw Object.assign(new Error(`failure ${runs}`), facts);
    return runs;
  };
}

it('runs again what passes, until it answers', async () => {
  expect(await withPatience(flaky(2, { retriable: true }))).toBe(3);
  expect(await withPatience(flaky(1, { retriable: true, type: 'MOVED' }), /^MOVED$/)).toBe(2);
});

it.each<[string, { retriable?: boolean; type?: string }, RegExp | undefined]>([
  ['does not pass', { retriable: false }, undefined],
  ['does not say', {}, undefined],
  ['passes, but is of another type', { retriable: true, type: 'OTHER' }, /^MOVED$/],
])('throws at once what %s', async (_, facts, types) => {
  await expect(withPatience(flaky(1, facts), types)).rejects.toThrow('failure 1');
});
