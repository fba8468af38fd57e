import { expect, it } from 'vitest';
import { lookupStage } from '../../../../store/embedded/aggregate/lookup.ts';
import type { PipelineContext } from '../../../../store/embedded/aggregate/pipeline-context.ts';
import { compileFilter } from '../../../../store/embedded/query/filter.ts';
import { all, rowsOf } from '../../../support/rows-of.ts';

type Document = Record<string, unknown>;
const FOREIGN = Array.from({ length: 100 }, (_, n) => ({ _id: n, key: n % 50, list: [n, n + 1] }));

/** A foreign collection that writes down how it is asked. */
function foreign(): { context: PipelineContext; asked: Document[] } {
  const asked: Document[] = [];
  const open: PipelineContext['open'] = (_collection, [stage]) => {
    asked.push(stage?.['$match'] as Document);
    return rowsOf(FOREIGN.filter(compileFilter(stage?.['$match'] ?? {})), 10);
  };
  return { context: { open, variables: {} } as unknown as PipelineContext, asked };
}

const local = Array.from({ length: 300 }, (_, _id) => ({ _id, ref: _id % 70 }));

it('asks the foreign collection once for all documents of a chunk', async () => {
  const { context, asked } = foreign();
  const stage = lookupStage(context, { from: 'f', localField: 'ref', foreignField: 'key', as: 'found' });
  const joined = await all(stage(rowsOf(local, 100)));
  expect(asked).toHaveLength(3);
  for (const { ref, found } of joined as { ref: number; found: Document[] }[])
    expect(found.map(({ _id }) => _id)).toEqual(ref < 50 ? [ref, ref + 50] : []);
});

it('finds by the elements of foreign arrays, each document once', async () => {
  const { context } = foreign();
  const stage = lookupStage(context, { from: 'f', localField: 'refs', foreignField: 'list', as: 'found' });
  const [joined] = await all(stage(rowsOf([{ refs: [3, 4] }])));
  expect((joined?.['found'] as Document[] | undefined)?.map(({ _id }) => _id)).toEqual([2, 3, 4]);
});

it('asks once for all when the pipeline depends on no document', async () => {
  const { context, asked } = foreign();
  const stage = lookupStage(context, { from: 'f', pipeline: [{ $match: { key: 7 } }], as: 'found' });
  expect(await all(stage(rowsOf(local, 100)))).toHaveLength(300);
  expect(asked).toEqual([{ key: 7 }]);
});
