import type { ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { GraphQLError } from 'graphql';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { Execution } from './execution.ts';
import { createIntrospection } from './introspect.ts';
import { shapeAnswer } from './shape.ts';

/** Makes results of finished executions: what was fetched, in the client's shape, with the errors. */
export function createFinish(
  schema: GraphQLSchema,
): (operation: ShapedOperation, execution: Execution) => ExecutionResult {
  return (operation, { data, log, failures }) => {
    const { selection, variables, kind, denied } = operation;
    const root = schema.getRootType(kind);
    if (!root) return refusal('The operation has no root type.');
    const introspect = createIntrospection(schema, selection, variables);
    const shaping = { schema, log, failures, introspect, hiddenTypes: selection.hiddenTypes };
    const shaped = shapeAnswer(selection.forVariables(variables), root, data, shaping);
    return toResult(shaped, [...log.errors, ...denied]);
  };
}

/** A result with its errors first, as clients expect them; without the key when there are none. */
export function toResult(
  data: Record<string, unknown> | null,
  errors: readonly GraphQLFormattedError[],
): ExecutionResult {
  return errors.length === 0 ? { data } : { errors: errors.map(toGraphQLError), data };
}

/** An instance, because servers that take our executor expect one; its JSON is the formatted error. */
export function toGraphQLError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? {} });
}

/** The result of an operation that was not run. */
export function refusal(message: string): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions: { code: 'INTERNAL' } })] };
}
