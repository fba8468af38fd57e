import type { GraphQLInputType, GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode } from 'graphql';
import {
  coerceInputValue,
  type GraphQLError,
  getNamedType,
  isInputType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { rejection, rejectionOf } from './rejection.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * Coerces variables as the GraphQL specification says (§6.1.2) and fills in defaults; unknown ones are dropped. The record
 * `visible` is what the caller may see of the schema: errors speak of nothing else. The record has no prototype, so that a variable named `__proto__` is one like any other. Throws OperationRejected BAD_USER_INPUT.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Variables | null | undefined,
  visible: () => GraphQLSchema = () => schema,
): Variables {
  const coerced: Record<string, unknown> = Object.create(null);
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) throw rejection('BAD_USER_INPUT', `Variable "$${name}" is of no input type.`);
    const value = given && Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined) coerced[name] = coerceGiven(name, value, type, visible);
    else fillIn(coerced, definition, type);
  }
  return coerced;
}

function fillIn(coerced: Record<string, unknown>, definition: VariableDefinitionNode, type: GraphQLInputType): void {
  const name = definition.variable.name.value;
  if (definition.defaultValue) coerced[name] = valueFromAST(definition.defaultValue, type);
  else if (isNonNullType(type))
    throw rejection('BAD_USER_INPUT', `Variable "$${name}" of required type "${type}" was not provided.`);
}

function coerceGiven(name: string, value: unknown, type: GraphQLInputType, visible: () => GraphQLSchema): unknown {
  if (value === null && isNonNullType(type))
    throw rejection('BAD_USER_INPUT', `Variable "$${name}" of non-null type "${type}" must not be null.`);
  const errors: GraphQLError[] = [];
  const report = (path: readonly (string | number)[], _invalid: unknown, error: GraphQLError) => {
    const where = path.length > 0 ? ` at "${[name, ...path].join('.')}"` : '';
    errors.push(
      Object.assign(error, { message: `Variable "$${name}" got an invalid value${where}; ${error.message}` }),
    );
  };
  const result = coerceBounded(name, () => coerceInputValue(value, type, report));
  if (errors.length === 0) return result;
  if (visible().getType(getNamedType(type).name)) throw rejectionOf('BAD_USER_INPUT', errors);
  // Its fields and values are nothing the caller may learn of.
  throw rejection('BAD_USER_INPUT', `Variable "$${name}" got an invalid value.`);
}

/** graphql-js coerces by recursion, and JSON may nest deeper than the stack. */
function coerceBounded(name: string, coerce: () => unknown): unknown {
  try {
    return coerce();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw rejection('BAD_USER_INPUT', `Variable "$${name}" nests too deeply.`);
  }
}
