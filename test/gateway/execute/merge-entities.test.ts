import { Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileAssign } from '../../../gateway/execute/codegen/assign.ts';
import { mergeInto, mergeValue } from '../../../gateway/execute/merge.ts';
import type { JsonRecord } from '../../../gateway/execute/record.ts';

function assignOf(selection: string) {
  const [operation] = parse(selection).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return compileAssign(operation.selectionSet, new Map());
}

describe('what one entity gives to several places', () => {
  const assign = assignOf('{ size { width } }');

  it('is shared when nobody else writes into it', () => {
    const [one, two, entity]: JsonRecord[] = [{}, {}, { size: { width: 1 } }];
    assign(one!, entity!, false);
    assign(two!, entity!, false);
    expect(one!['size']).toBe(two!['size']);
  });

  it('is copied otherwise', () => {
    const [one, two, entity]: JsonRecord[] = [{}, {}, { size: { width: 1 } }];
    assign(one!, entity!, false);
    assign(two!, entity!, true);
    mergeInto(one!, { size: { height: 5 } });
    expect([one, two]).toEqual([{ size: { width: 1, height: 5 } }, { size: { width: 1 } }]);
  });
});

describe('merging', () => {
  it.each([
    ['a null does not hide what is known', { a: { x: 1 } }, { a: null }, { a: { x: 1 } }],
    ['what is known gives way to a later value', { a: 1 }, { a: 2 }, { a: 2 }],
    [
      'lists of one length are merged item by item',
      { a: [{ x: 1 }, null] },
      { a: [{ y: 2 }, { y: 3 }] },
      { a: [{ x: 1, y: 2 }, { y: 3 }] },
    ],
    ['a list of another length is taken', { a: [{ x: 1 }] }, { a: [{ y: 2 }, { y: 3 }] }, { a: [{ y: 2 }, { y: 3 }] }],
    ['an object takes the place of a leaf', { a: 1 }, { a: { x: 1 } }, { a: { x: 1 } }],
  ])('%s', (_, known, source, result) => {
    expect(mergeValue(structuredClone(known), structuredClone(source))).toEqual(result);
    const target = structuredClone(known) as JsonRecord;
    assignOf('{ a { x y } }')(target, structuredClone(source) as JsonRecord, false);
    expect(target).toEqual(result);
  });

  it('replaces custom scalars whole', () => {
    const target: JsonRecord = { json: { a: 1 } };
    assignOf('{ json }')(target, { json: { b: 2 } }, false);
    expect(target).toEqual({ json: { b: 2 } });
  });
});
