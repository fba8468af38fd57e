import { describe, expect, it } from 'vitest';
import { compileGather, type EntityBatch } from '../../../../gateway/execute/codegen/gather.ts';

const PROJECTIONS = [{ typename: 'Product', sent: 'Product', fields: ['price', 'upc'] }];

function gathered(list: readonly Record<string, unknown>[]): EntityBatch {
  const maps = () => [new Map(), new Map()];
  const batch: EntityBatch = { texts: [], targets: [], members: [], ends: [], known: maps(), recent: maps() };
  compileGather(PROJECTIONS, ['list', '@'])({ list }, batch, () => -1);
  return batch;
}

const product = (price: unknown, upc: unknown) => ({ __typename: 'Product', price, upc });

describe('objects that several fields represent', () => {
  it('are asked about once each, however they alternate', () => {
    const batch = gathered([product(1, 'a'), product(2, 'b'), product(1, 'a'), product(2, 'b')]);
    expect(batch.texts.map((text) => JSON.parse(text))).toEqual([product(1, 'a'), product(2, 'b')]);
    expect(batch.members).toEqual([0, 1, 0, 1]);
  });

  it('are told apart by every field, where the last one is the same', () => {
    const batch = gathered([product(1, 'a'), product(2, 'a'), product(1, 'a'), product('1', 'a'), product(null, 'a')]);
    expect(batch.texts.map((text) => JSON.parse(text))).toEqual([1, 2, '1', null].map((price) => product(price, 'a')));
    expect(batch.members).toEqual([0, 1, 0, 2, 3]);
  });

  it('are one where JSON has no difference: minus zero', () => {
    expect(gathered([product(-0, 'a'), product(0, 'a')]).members).toEqual([0, 0]);
  });
});
