import { type GraphQLAbstractType, GraphQLObjectType, type GraphQLSchema, isInterfaceType } from 'graphql';

const standIns = new WeakMap<GraphQLAbstractType, readonly GraphQLObjectType[]>();

/**
 * The object types an abstract type may be. An interface that nothing implements stands for itself: in a supergraph it may be
 * known to all services as an `@interfaceObject` only, and its objects have its fields.
 */
export function possibleTypesOf(schema: GraphQLSchema, type: GraphQLAbstractType): readonly GraphQLObjectType[] {
  const possible = schema.getPossibleTypes(type);
  if (possible.length > 0 || !isInterfaceType(type)) return possible;
  const known = standIns.get(type) ?? [new GraphQLObjectType({ name: type.name, fields: type.toConfig().fields })];
  standIns.set(type, known);
  return known;
}
