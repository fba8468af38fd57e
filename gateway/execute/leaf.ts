import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';

/** What `completeLeaf` returns for a value that is not of its type. */
export const NOT_A_LEAF = Symbol('not a value of its type');

/**
 * A leaf as the client gets it: custom scalars untouched, built-in ones coerced as graphql-js does, enum values only when
 * clients know them.
 */
export function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) ? value : NOT_A_LEAF;
  if (!isSpecifiedScalarType(type)) return value;
  if (typeof value === 'string' && (type.name === 'String' || type.name === 'ID')) return value;
  try {
    return type.serialize(value);
  } catch {
    return NOT_A_LEAF;
  }
}
