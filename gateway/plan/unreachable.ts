import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLFormattedError,
  OperationDefinitionNode,
} from 'graphql';
import { getNamedType, isCompositeType } from 'graphql';
import { dataKeyOf, toResponseName } from './data-key.ts';
import { fieldOf } from './field-of.ts';
import type { Plan } from './plan.ts';
import { type SelectionScope, selectedFields } from './selected-fields.ts';

const NO_FRAGMENTS: ReadonlyMap<string, FragmentDefinitionNode> = new Map();

/** A FIELD_UNREACHABLE error for each field that a plan does not bring, unless these variables leave the field out. */
export function listUnreachableErrors(
  plan: Plan | null,
  options: Pick<SelectionScope, 'schema' | 'variables'> & {
    readonly operation: OperationDefinitionNode;
    readonly inputNames: ReadonlySet<string>;
  },
): GraphQLFormattedError[] {
  const { schema, operation, variables, inputNames } = options;
  const scope: SelectionScope = { schema, variables, fragments: NO_FRAGMENTS };
  const root = schema.getRootType(operation.operation);
  const isAsked = (path: readonly string[]): boolean => {
    let level: { node: Pick<FieldNode, 'selectionSet'>; type: GraphQLCompositeType | undefined } = {
      node: operation,
      type: root ?? undefined,
    };
    for (const key of path) {
      const { node, type } = level;
      const found =
        node.selectionSet &&
        type &&
        [...selectedFields(node.selectionSet, type, scope)].find((one) => dataKeyOf(one.node, inputNames) === key);
      const inner = found && fieldOf(schema, found.parent, found.node.name.value);
      if (!found || !inner) return false;
      const named = getNamedType(inner.type);
      level = { node: found.node, type: isCompositeType(named) ? named : undefined };
    }
    return true;
  };
  return (plan?.unreachable ?? []).filter(isAsked).map((path) => ({
    message: 'No service can be asked for this field here: the supergraph has no way to it.',
    path: path.map(toResponseName),
    extensions: { code: 'FIELD_UNREACHABLE' },
  }));
}
