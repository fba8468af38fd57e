import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, type UpdateDescription } from '../../../../store/embedded/update/difference.ts';
import type { Document } from '../../../../store/embedded/value/codec.ts';

/** Fields named like positions and with dots among them, so that paths need to be told apart. */
const name = fc.constantFrom('a', 'b', '0', '1', 'x.y');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer({ min: 0, max: 3 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const document = fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<Document>;

type Holder = Record<string | number, unknown>;

function partsOf(description: UpdateDescription, path: string): (string | number)[] {
  return description.disambiguatedPaths?.[path] ?? path.split('.');
}

function holderOf(root: Document, parts: readonly (string | number)[]): [Holder, string | number] {
  const holder = parts.slice(0, -1).reduce((at, part) => at[part] as Holder, root as Holder);
  return [holder, parts.at(-1) as string | number];
}

/** The new document, from the old one and what a reader of a change stream is told. */
function apply(before: Document, description: UpdateDescription): Document {
  const root = structuredClone(before);
  for (const { field, newSize } of description.truncatedArrays) {
    const [holder, last] = holderOf(root, partsOf(description, field));
    (holder[last] as unknown[]).length = newSize;
  }
  for (const path of description.removedFields) {
    const [holder, last] = holderOf(root, partsOf(description, path));
    delete holder[last];
  }
  for (const [path, updated] of Object.entries(description.updatedFields)) {
    const [holder, last] = holderOf(root, partsOf(description, path));
    holder[last] = updated;
  }
  return root;
}

describe('what an update changed', () => {
  it('makes the new document of the old one', () => {
    fc.assert(
      fc.property(document, document, fc.boolean(), (before, after, mayTruncate) => {
        expect(apply(before, differenceOf(before, after, mayTruncate))).toEqual(after);
      }),
      { numRuns: 500 },
    );
  });

  it('is nothing when nothing is', () => {
    fc.assert(
      fc.property(document, (it) => {
        const nothing = { updatedFields: {}, removedFields: [], truncatedArrays: [] };
        expect(differenceOf(it, structuredClone(it), true)).toEqual(nothing);
      }),
    );
  });

  it.each<[string, Document, Document, boolean, Partial<UpdateDescription>]>([
    ['an appended element', { a: [1] }, { a: [1, 2] }, false, { updatedFields: { 'a.1': 2 } }],
    ['one element of many', { a: [1, 2, 3] }, { a: [1, 9, 3] }, false, { updatedFields: { 'a.1': 9 } }],
    ['most elements: the array', { a: [1, 2, 3] }, { a: [7, 8, 9] }, false, { updatedFields: { a: [7, 8, 9] } }],
    [
      'a field in an element',
      { a: [{ b: 1, c: 1 }] },
      { a: [{ b: 2, c: 1 }] },
      false,
      { updatedFields: { 'a.0.b': 2 } },
    ],
    ['a shorter array', { a: [1, 2, 3] }, { a: [1, 2] }, false, { updatedFields: { a: [1, 2] }, truncatedArrays: [] }],
    [
      'a shorter array, by pipeline',
      { a: [1, 2, 3] },
      { a: [1, 2] },
      true,
      { updatedFields: {}, truncatedArrays: [{ field: 'a', newSize: 2 }] },
    ],
    [
      'a field named like a position',
      { a: { '1': 1 } },
      { a: { '1': 2 } },
      false,
      { updatedFields: { 'a.1': 2 }, disambiguatedPaths: { 'a.1': ['a', '1'] } },
    ],
    [
      'a field with a dot in its name',
      { 'x.y': 1, z: 1 },
      { z: 1 },
      false,
      { removedFields: ['x.y'], disambiguatedPaths: { 'x.y': ['x.y'] } },
    ],
  ])('is told as: %s', (_name, before, after, mayTruncate, expected) => {
    expect(differenceOf(before, after, mayTruncate)).toMatchObject(expected);
  });
});
