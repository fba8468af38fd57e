import { GraphQLScalarType } from 'graphql';
import type { Resolvers } from './service.ts';

/** Resolver maps as one. A field or scalar in two of them is a mistake and throws. */
export function mergeResolvers(...maps: readonly Resolvers[]): Resolvers {
  const merged: Resolvers = {};
  for (const [type, added] of maps.flatMap((map) => Object.entries(map))) {
    const known = merged[type];
    const clash = known && Object.keys(added).find((field) => Object.hasOwn(known, field));
    if (clash || known instanceof GraphQLScalarType) throw new TypeError(`${type}.${clash} is resolved twice`);
    merged[type] = added instanceof GraphQLScalarType ? added : { ...known, ...added };
  }
  return merged;
}
