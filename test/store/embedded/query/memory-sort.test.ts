import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadDocument } from '../../../../store/embedded/collection/document-writer.ts';
import { sorted } from '../../../../store/embedded/query/memory-sort.ts';
import { PAUSE, type Scan } from '../../../../store/embedded/query/scan.ts';
import { encode } from '../../../../store/embedded/value/codec.ts';

function* scanOf(ranks: readonly number[], text = ''): Scan {
  for (const [at, rank] of ranks.entries()) {
    yield new ReadDocument(String(at), encode({ _id: at, rank, text }));
    if (at % 3 === 0) yield PAUSE;
  }
}

function ranksOf(scan: Scan): number[] {
  return [...scan].filter((it) => it !== PAUSE).map(({ document }) => document['rank']);
}

const ascending = (left: number, right: number) => left - right;

it('sorts any number of documents, wanted all or some', () => {
  const ranks = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 3000, size: 'max' });
  fc.assert(
    fc.property(ranks, fc.integer({ min: 1, max: 5000 }), (list, keep) => {
      const found = ranksOf(sorted(scanOf(list), [['rank', 1]], keep)).slice(0, keep);
      expect(found).toEqual([...list].sort(ascending).slice(0, keep));
    }),
    { numRuns: 25 },
  );
});

it('keeps the order of a scan among documents alike', () => {
  const scan = sorted(scanOf(Array.from({ length: 2500 }, (_, at) => at % 2)), [['rank', 1]], Number.POSITIVE_INFINITY);
  const keys = [...scan].filter((it) => it !== PAUSE).map(({ recordKey }) => Number(recordKey));
  expect(keys).toEqual([...keys.filter((at) => at % 2 === 0), ...keys.filter((at) => at % 2 === 1)]);
  expect(keys.slice(0, 1250)).toEqual([...keys.slice(0, 1250)].sort(ascending));
});

it('refuses more bytes than it may hold', () => {
  const [ranks, text] = [Array.from({ length: 200 }, (_, at) => 200 - at), 'x'.repeat(1000)];
  const all = () => ranksOf(sorted(scanOf(ranks, text), [['rank', 1]], Number.POSITIVE_INFINITY, 100_000));
  expect(all).toThrow(expect.objectContaining({ code: 292 }));
});

it('holds no more than what is wanted, however much it reads', () => {
  const [ranks, text] = [Array.from({ length: 200 }, (_, at) => 200 - at), 'x'.repeat(1000)];
  expect(ranksOf(sorted(scanOf(ranks, text), [['rank', 1]], 3, 20_000)).slice(0, 3)).toEqual([1, 2, 3]);
});
