import { type Document, isDocument } from '../value/codec.ts';

/**
 * `$bucket` as the stages it stands for: mingo 7.2 puts a value equal to a boundary into the bucket below it,
 * where MongoDB counts a boundary as the first value of its own bucket. Null when the stage is not one it can be told for.
 */
export function toGroup(spec: unknown): Document[] | null {
  if (!isDocument(spec) || !Array.isArray(spec['boundaries']) || spec['boundaries'].length < 2) return null;
  const { groupBy, boundaries, output } = spec;
  const branches = boundaries.slice(0, -1).map((lower: unknown, at: number) => ({
    case: {
      $and: [{ $gte: [groupBy, { $literal: lower }] }, { $lt: [groupBy, { $literal: boundaries[at + 1] }] }],
    },
    // biome-ignore lint/suspicious/noThenProperty: MongoDB names it so.
    then: { $literal: lower },
  }));
  const fallback = 'default' in spec ? { default: { $literal: spec['default'] } } : {};
  return [
    { $group: { _id: { $switch: { branches, ...fallback } }, ...(output ?? { count: { $sum: 1 } }) } },
    { $sort: { _id: 1 } },
  ];
}
