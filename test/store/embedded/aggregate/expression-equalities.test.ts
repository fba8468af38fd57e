import { expect, it } from 'vitest';
import { withEqualities } from '../../../../store/embedded/aggregate/expression-equalities.ts';

it.each<[string, object, object[]]>([
  ['a variable', { $eq: ['$key', '$$it'] }, [{ key: { $eq: 5 } }]],
  ['the other way round', { $eq: ['$$it', '$key'] }, [{ key: { $eq: 5 } }]],
  ['a constant of a path', { $eq: ['$a.b', 'x'] }, [{ 'a.b': { $eq: 'x' } }]],
  ['a literal', { $eq: ['$key', { $literal: '$5' }] }, [{ key: { $eq: '$5' } }]],
  [
    'all parts of $and',
    { $and: [{ $eq: ['$a', 1] }, { $gt: ['$b', 2] }, { $eq: ['$c', 3] }] },
    [{ a: { $eq: 1 } }, { c: { $eq: 3 } }],
  ],
])('an index is told of %s', (_name, $expr, expected) => {
  expect(withEqualities({ $expr }, { it: 5 })).toEqual({ $expr, $and: expected });
});

it.each<[string, object]>([
  ['two fields', { $eq: ['$a', '$b'] }],
  ['null, which a query finds in missing too', { $eq: ['$a', null] }],
  ['an array, whose elements a query would find', { $eq: ['$a', '$$list'] }],
  ['an expression', { $eq: ['$a', { $add: [1, 2] }] }],
  ['a range, which is over all types', { $gt: ['$a', 1] }],
  ['$or', { $or: [{ $eq: ['$a', 1] }, { $eq: ['$b', 1] }] }],
])('nothing is told of %s', (_name, $expr) => {
  expect(withEqualities({ $expr }, { list: [1] })).toEqual({ $expr });
});
