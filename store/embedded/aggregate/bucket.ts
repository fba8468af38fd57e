import { MongoError } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/**
 * `$bucket` as the `$group` and `$sort` it stands for: mingo 7.2 puts a value equal to a boundary into the bucket below it,
 * where MongoDB counts a boundary as the first value of its own bucket. MongoError BadValue.
 */
export function bucketStages(specification: unknown): Document[] {
  if (!isDocument(specification) || specification['groupBy'] === undefined)
    throw new MongoError('BadValue', '$bucket needs groupBy');
  const { groupBy, boundaries, output = { count: { $sum: 1 } } } = specification;
  if (!Array.isArray(boundaries) || boundaries.length < 2)
    throw new MongoError('BadValue', "The $bucket 'boundaries' field must have at least 2 values");
  const branches = boundaries.slice(0, -1).map((lower: unknown, at: number) => ({
    case: {
      $and: [{ $gte: [groupBy, { $literal: lower }] }, { $lt: [groupBy, { $literal: boundaries[at + 1] }] }],
    },
    // biome-ignore lint/suspicious/noThenProperty: MongoDB names it so.
    then: { $literal: lower },
  }));
  const fallback = 'default' in specification ? { default: { $literal: specification['default'] } } : {};
  return [{ $group: { _id: { $switch: { branches, ...fallback } }, ...output } }, { $sort: { _id: 1 } }];
}
