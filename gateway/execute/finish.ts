import type { ExecutionResult, GraphQLFormattedError, GraphQLObjectType } from 'graphql';
import { GraphQLError } from 'graphql';
import type { ShapedOperation } from '../plan/prepare.ts';
import type { ClientSelection, SelectionGroup } from './client-selection.ts';
import { createPlainShapers, NOT_PLAIN, type PlainShaper } from './codegen/shape.ts';
import type { Execution } from './execution.ts';
import { createIntrospection } from './introspect.ts';
import type { JsonRecord } from './record.ts';
import { type LaterObject, type Shaping, shapeAnswer, shapeLater } from './shape.ts';

/** Makes answers of what was fetched: in the client's shape, with the errors. */
export interface Finish {
  /** Everything at once. */
  whole(operation: ShapedOperation, execution: Execution): ExecutionResult;
  /** All but what comes later, and of which objects something does. */
  initial(operation: ShapedOperation, execution: Execution): { result: ExecutionResult; later: readonly LaterObject[] };
  /** What comes later of one object, and of which objects inside it something comes later still. Errors go to the log. */
  later(
    operation: ShapedOperation,
    execution: Execution,
    object: LaterObject,
  ): { data: JsonRecord | null; later: readonly LaterObject[] };
}

/** Each operation brings the schema it was written for; what is compiled for it is kept with its selection. */
export function createFinish(): Finish {
  const plainShapersOf = new WeakMap<ClientSelection, ReturnType<typeof createPlainShapers>>();
  const shapePlainly = (
    selection: ClientSelection,
    group: SelectionGroup,
    root: GraphQLObjectType,
    data: JsonRecord,
  ) => {
    const shapers = plainShapersOf.get(selection) ?? createPlainShapers(selection.schema, selection.hiddenTypes);
    plainShapersOf.set(selection, shapers);
    const shaper = shapers(group, root);
    return shaper && tryPlainly(shaper, data);
  };
  const shapingOf = ({ selection, variables }: ShapedOperation, { log, failures }: Execution): Shaping => {
    const introspect = createIntrospection(selection, variables);
    return { schema: selection.schema, log, failures, introspect, hiddenTypes: selection.hiddenTypes, later: [] };
  };
  return {
    whole(operation, execution) {
      const { selection, variables, kind, denied } = operation;
      const { data, log, failures } = execution;
      const root = selection.schema.getRootType(kind);
      if (!root) return refusal('The operation has no root type.');
      const group = selection.forVariables(variables);
      // Where a fetch failed, a value that is not there has an error to be told with it.
      const plain = failures.empty ? shapePlainly(selection, group, root, data) : null;
      const shaped = plain ?? shapeAnswer(group, root, data, shapingOf(operation, execution));
      return toResult(shaped, [...log.errors, ...denied]);
    },
    initial(operation, execution) {
      const { selection, variables, kind, denied } = operation;
      const root = selection.schema.getRootType(kind);
      if (!root) return { result: refusal('The operation has no root type.'), later: [] };
      const shaping = shapingOf(operation, execution);
      const group = selection.forVariables(variables, { defer: true });
      const shaped = shapeAnswer(group, root, execution.data, shaping);
      return { result: toResult(shaped, [...execution.log.errors, ...denied]), later: shaping.later };
    },
    later(operation, execution, object) {
      const shaping = shapingOf(operation, execution);
      return { data: shapeLater(object, shaping), later: shaping.later };
    },
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
