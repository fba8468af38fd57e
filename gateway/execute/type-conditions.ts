import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

/** Whether an object whose `__typename` is `typename` fits a type condition, in a schema that knows all types. */
export function meetsTypeCondition(schema: GraphQLSchema, typename: unknown, condition: string): boolean {
  if (typename === condition) return true;
  if (typeof typename !== 'string') return false;
  const type = schema.getType(typename);
  const abstract = schema.getType(condition);
  if (!isAbstractType(abstract)) return false;
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type);
}

/** Whether a `__typename` names no object type: a service that has an interface as an object knows no better. */
export function isVagueTypename(schema: GraphQLSchema, typename: unknown): boolean {
  return typeof typename === 'string' && isAbstractType(schema.getType(typename));
}
