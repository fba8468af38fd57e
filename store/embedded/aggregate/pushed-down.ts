import type { FindOptions } from '../query/find.ts';
import { toSortSpec } from '../query/sort.ts';
import type { Document } from '../value/codec.ts';

/** A pipeline divided: what a query does, by index where there is one, and the stages that remain. */
export interface Divided {
  readonly query: FindOptions;
  readonly rest: readonly Document[];
}

/** Takes leading `$match`, `$sort`, `$skip`, `$limit` of a pipeline into a query, in so far as they come in that order. */
export function divide(pipeline: readonly Document[]): Divided {
  const filters: Document[] = [];
  let query: FindOptions = { filter: {} };
  let at = 0;
  for (; pipeline[at]?.['$match'] !== undefined; at += 1) filters.push(pipeline[at]?.['$match']);
  if (filters.length > 0) query = { filter: filters.length === 1 ? (filters[0] as Document) : { $and: filters } };
  const sort = pipeline[at]?.['$sort'];
  if (sort !== undefined) {
    query = { ...query, sort: toSortSpec(sort) };
    at += 1;
  }
  const skip = pipeline[at]?.['$skip'];
  if (typeof skip === 'number') {
    query = { ...query, skip };
    at += 1;
  }
  const limit = pipeline[at]?.['$limit'];
  if (typeof limit === 'number' && limit > 0) {
    query = { ...query, limit };
    at += 1;
  }
  return { query, rest: pipeline.slice(at) };
}
