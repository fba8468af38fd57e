import type {
  GraphQLInputType,
  GraphQLSchema,
  GraphQLType,
  OperationDefinitionNode,
  VariableDefinitionNode,
} from 'graphql';
import {
  coerceInputValue,
  type GraphQLError,
  getNamedType,
  isInputType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import type { OperationRejected } from '../engine.ts';
import { rejection, rejectionOf } from './rejection.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * Coerces variables as the GraphQL specification says (§6.1.2) and fills in defaults; unknown ones are dropped. `visible` is
 * what the caller may see of the schema: errors speak of nothing else. The record has no prototype, so that a variable named
 * `__proto__` is one like any other. Throws OperationRejected BAD_USER_INPUT.
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
    if (value === undefined) {
      fillIn(coerced, definition, type);
      continue;
    }
    const { result, errors } = coerceGiven(name, value, type);
    if (errors.length > 0)
      throw refusalOf(name, value, { type, errors, told: typeFromAST(visible(), definition.type) });
    coerced[name] = result;
  }
  return coerced;
}

function fillIn(coerced: Record<string, unknown>, definition: VariableDefinitionNode, type: GraphQLInputType): void {
  const name = definition.variable.name.value;
  if (definition.defaultValue) coerced[name] = valueFromAST(definition.defaultValue, type);
  else if (isNonNullType(type))
    throw rejection('BAD_USER_INPUT', `Variable "$${name}" of required type "${type}" was not provided.`);
}

interface Coerced {
  readonly result: unknown;
  readonly errors: readonly GraphQLError[];
}

function coerceGiven(name: string, value: unknown, type: GraphQLInputType): Coerced {
  if (value === null && isNonNullType(type))
    throw rejection('BAD_USER_INPUT', `Variable "$${name}" of non-null type "${type}" must not be null.`);
  const errors: GraphQLError[] = [];
  const report = (path: readonly (string | number)[], _invalid: unknown, error: GraphQLError) => {
    const where = path.length > 0 ? ` at "${[name, ...path].join('.')}"` : '';
    errors.push(
      Object.assign(error, { message: `Variable "$${name}" got an invalid value${where}; ${error.message}` }),
    );
  };
  return { result: coerceBounded(name, () => coerceInputValue(value, type, report)), errors };
}

/** What is wrong with a value, in words of `told`: the type as the caller may see it. */
function refusalOf(
  name: string,
  value: unknown,
  { type, errors, told }: { type: GraphQLInputType; errors: readonly GraphQLError[]; told: GraphQLType | undefined },
): OperationRejected {
  if (isSame(type, told)) return rejectionOf('BAD_USER_INPUT', errors);
  const shown = isInputType(told) ? coerceGiven(name, value, told).errors : [];
  // What is wrong lies where the caller sees nothing.
  return shown.length > 0
    ? rejectionOf('BAD_USER_INPUT', shown)
    : rejection('BAD_USER_INPUT', `Variable "$${name}" got an invalid value.`);
}

/** Schemas have their own wrappers around types, and built-in scalars in common. */
function isSame(type: GraphQLInputType, told: GraphQLType | undefined): boolean {
  return told !== undefined && getNamedType(told) === getNamedType(type);
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
