import { expect, it } from 'vitest';
import { sortStage } from '../../../../store/embedded/aggregate/sort-rows.ts';
import { all, rowsOf } from '../../../support/rows-of.ts';

const shuffled = Array.from({ length: 3000 }, (_, n) => ({ n: (n * 7919) % 3000, even: n % 2 === 0 }));

it('sorts by several fields, each in its direction', async () => {
  const sorted = await all(sortStage({ even: -1, n: 1 }, Number.POSITIVE_INFINITY)(rowsOf(shuffled, 100)));
  expect(sorted[0]?.['even']).toBe(true);
  expect(sorted.at(-1)?.['even']).toBe(false);
  const evens = sorted.filter(({ even }) => even).map(({ n }) => n as number);
  expect(evens).toEqual([...evens].sort((left, right) => left - right));
});

it('keeps only as many as are wanted', async () => {
  const sorted = await all(sortStage({ n: 1 }, 5)(rowsOf(shuffled, 100)));
  expect(sorted.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
});

it('answers 292 when what it would hold is too much, not when a limit bounds it', async () => {
  async function* many() {
    const text = 'x'.repeat(20_000);
    for (let at = 0; at < 200; at += 1) yield Array.from({ length: 10 }, (_, n) => ({ n: at * 10 + n, text }));
  }
  await expect(all(sortStage({ n: -1 }, Number.POSITIVE_INFINITY)(many()))).rejects.toMatchObject({ code: 292 });
  expect((await all(sortStage({ n: -1 }, 3)(many()))).map(({ n }) => n)).toEqual([1999, 1998, 1997]);
});

it.each([[{}], [{ n: 2 }], ['n']])('refuses %j with code 2', (specification) => {
  expect(() => sortStage(specification, 1)).toThrow(expect.objectContaining({ code: 2 }));
});
