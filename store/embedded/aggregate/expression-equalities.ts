import { type Document, isDocument } from '../value/codec.ts';
import type { Variables } from './expressions.ts';

const PATH = /^\$[A-Za-z_][\w.]*$/;

/** A value an index can look for, or undefined: an array, null and missing mean other things to a query. */
function toScalar(operand: unknown, variables: Variables): unknown {
  const value =
    typeof operand === 'string' && operand.startsWith('$$') ? variables[operand.slice(2)] : toConstant(operand);
  return value === null || Array.isArray(value) || value instanceof RegExp ? undefined : value;
}

function toConstant(operand: unknown): unknown {
  if (isDocument(operand)) return '$literal' in operand ? operand['$literal'] : undefined;
  return typeof operand === 'string' && operand.startsWith('$') ? undefined : operand;
}

function equalitiesOf(expression: unknown, variables: Variables): Document[] {
  if (!isDocument(expression)) return [];
  const { $and: parts, $eq: pair } = expression;
  if (Array.isArray(parts)) return parts.flatMap((part) => equalitiesOf(part, variables));
  if (!Array.isArray(pair) || pair.length !== 2) return [];
  for (const [path, operand] of [pair, [...pair].reverse()]) {
    if (typeof path !== 'string' || !PATH.test(path)) continue;
    const value = toScalar(operand, variables);
    if (value !== undefined) return [{ [path.slice(1)]: { $eq: value } }];
  }
  return [];
}

/**
 * A filter with what its `$expr` holds equal said for indexes too: where `$expr` finds a field equal to a value that is no
 * array, so does a query. The expression stays, for it may be stricter.
 */
export function withEqualities(filter: Document, variables: Variables): Document {
  const found = equalitiesOf(filter['$expr'], variables);
  if (found.length === 0) return filter;
  return { ...filter, $and: [...((filter['$and'] as Document[] | undefined) ?? []), ...found] };
}
