import type { GraphQLInputType, ValueNode } from 'graphql';
import { getNullableType, isInputObjectType, isListType, isScalarType, isSpecifiedScalarType, Kind } from 'graphql';

/**
 * Whether a literal means the same when it is sent as a variable. Not so: anything with a variable inside, numbers that
 * JavaScript or JSON cannot hold exactly, and for custom scalars everything but strings, booleans, null and plain integers,
 * since a service may read literals of its own in a way of its own.
 */
export function isSafeLiteral(value: ValueNode, type: GraphQLInputType): boolean {
  const nullable = getNullableType(type);
  if (value.kind === Kind.VARIABLE) return false;
  if (value.kind === Kind.NULL) return true;
  if (isListType(nullable)) {
    const items = value.kind === Kind.LIST ? value.values : [value];
    return items.every((item) => isSafeLiteral(item, nullable.ofType));
  }
  if (isInputObjectType(nullable))
    return (
      value.kind === Kind.OBJECT &&
      value.fields.every((node) => {
        const field = nullable.getFields()[node.name.value];
        return field !== undefined && isSafeLiteral(node.value, field.type);
      })
    );
  if (isScalarType(nullable)) return isSafeScalar(value, isSpecifiedScalarType(nullable) ? nullable.name : null);
  return value.kind === Kind.ENUM;
}

function isSafeScalar(value: ValueNode, builtIn: string | null): boolean {
  switch (value.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return true;
    case Kind.INT:
      // An ID stays its digits; a number must come out as it was written.
      return builtIn === 'ID' || String(Number(value.value)) === value.value;
    case Kind.FLOAT:
      return builtIn === 'Float' && Number.isFinite(Number(value.value)) && !Object.is(Number(value.value), -0);
    default:
      return false;
  }
}
