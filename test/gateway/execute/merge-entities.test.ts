import { Kind, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileAssign } from '../../../gateway/execute/codegen/assign.ts';
import { mergeInto, mergeValue } from '../../../gateway/execute/merge.ts';
import type { JsonRecord } from '../../../gateway/execute/record.ts';

function selectionOf(text: string): SelectionSetNode {
  const [operation] = parse(text).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return operation.selectionSet;
}

const assignOf = (text: string) => compileAssign(selectionOf(text), new Map());

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

describe('a type that is told twice', () => {
  const assign = compileAssign(selectionOf('{ __typename a }'), new Map(), (typename) => typename === 'Thing');

  it.each([
    ['the known one stays where the other is an interface’s name', { __typename: 'T1' }, 'Thing', 'T1'],
    ['the one that says more takes the place of an interface’s name', { __typename: 'Thing' }, 'T1', 'T1'],
    ['any is taken where none is known', {}, 'Thing', 'Thing'],
    ['a null is no type', { __typename: 'T1' }, null, 'T1'],
  ])('%s', (_, known: JsonRecord, told, result) => {
    const target = { ...known };
    assign(target, { __typename: told, a: 1 }, false);
    expect(target).toEqual({ __typename: result, a: 1 });
  });
});
