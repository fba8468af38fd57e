import type { ExecutionResult, GraphQLFormattedError, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { GraphQLError } from 'graphql';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { ClientSelection, SelectionGroup } from './client-selection.ts';
import { createPlainShapers, NOT_PLAIN, type PlainShaper } from './codegen/shape.ts';
import type { Execution } from './execution.ts';
import { createIntrospection } from './introspect.ts';
import type { JsonRecord } from './record.ts';
import { shapeAnswer } from './shape.ts';

/** Makes results of finished executions: what was fetched, in the client's shape, with the errors. */
export function createFinish(
  schema: GraphQLSchema,
): (operation: ShapedOperation, execution: Execution) => ExecutionResult {
  const plainShapersOf = new WeakMap<ClientSelection, ReturnType<typeof createPlainShapers>>();
  const shapePlainly = (
    selection: ClientSelection,
    group: SelectionGroup,
    root: GraphQLObjectType,
    data: JsonRecord,
  ) => {
    const shapers = plainShapersOf.get(selection) ?? createPlainShapers(schema, selection.hiddenTypes);
    plainShapersOf.set(selection, shapers);
    const shaper = shapers(group, root);
    return shaper && tryPlainly(shaper, data);
  };
  return (operation, { data, log, failures }) => {
    const { selection, variables, kind, denied } = operation;
    const root = schema.getRootType(kind);
    if (!root) return refusal('The operation has no root type.');
    const group = selection.forVariables(variables);
    // Where a fetch failed, a value that is not there has an error to be told with it.
    const plain = failures.empty ? shapePlainly(selection, group, root, data) : null;
    if (plain) return toResult(plain, [...log.errors, ...denied]);
    const introspect = createIntrospection(schema, selection, variables);
    const shaping = { schema, log, failures, introspect, hiddenTypes: selection.hiddenTypes };
    const shaped = shapeAnswer(group, root, data, shaping);
    return toResult(shaped, [...log.errors, ...denied]);
  };
}

/** Null where the answer is not plain. */
function tryPlainly(shaper: PlainShaper, data: JsonRecord): JsonRecord | null {
  try {
    return shaper(data);
  } catch (error) {
    if (error === NOT_PLAIN) return null;
    throw error;
  }
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
