import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  FragmentSpreadNode,
  GraphQLCompositeType,
  GraphQLSchema,
  InlineFragmentNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { getNamedType, isCompositeType, Kind } from 'graphql';
import { fieldOf } from '../field-of.ts';
import { mergeSelections } from './merge-selections.ts';

/** What expansion reads. */
export interface ExpansionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What a `@defer` on `parent` is from now on; null where the deferred selections are answered with the rest. */
  readonly toDefer: (directive: DirectiveNode, parent: GraphQLCompositeType) => DirectiveNode | null;
}

/**
 * A selection set without fragment spreads: each becomes an inline fragment, or nothing at all where its type is the one that
 * is selected on. Selections that say the same are said once. The order of the answer's fields stays. The document must be
 * valid and its selections counted (measure.ts), which is what bounds the work.
 */
export function expandSet(
  set: SelectionSetNode,
  parent: GraphQLCompositeType,
  scope: ExpansionScope,
): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: mergeSelections(expandAll(set, parent, scope)) };
}

function expandAll(set: SelectionSetNode, parent: GraphQLCompositeType, scope: ExpansionScope): SelectionNode[] {
  return set.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? expandField(node, parent, scope) : expandFragment(node, parent, scope),
  );
}

function expandField(node: FieldNode, parent: GraphQLCompositeType, scope: ExpansionScope): FieldNode {
  // What `__schema` answers is not planned, but read as the client wrote it.
  if (!node.selectionSet) return node;
  const field = fieldOf(scope.schema, parent, node.name.value);
  const type = field && getNamedType(field.type);
  return isCompositeType(type) ? { ...node, selectionSet: expandSet(node.selectionSet, type, scope) } : node;
}

function expandFragment(
  node: InlineFragmentNode | FragmentSpreadNode,
  parent: GraphQLCompositeType,
  scope: ExpansionScope,
): SelectionNode[] {
  const inner = node.kind === Kind.INLINE_FRAGMENT ? node : scope.fragments.get(node.name.value);
  const condition = inner?.typeCondition;
  const type = condition ? scope.schema.getType(condition.name.value) : parent;
  if (!inner || !isCompositeType(type)) return [];
  const directives = (node.directives ?? []).flatMap((directive) =>
    directive.name.value === 'defer' ? (scope.toDefer(directive, parent) ?? []) : directive,
  );
  const isSameType = type.name === parent.name;
  if (isSameType && directives.length === 0) return expandAll(inner.selectionSet, type, scope);
  const fragment: InlineFragmentNode = {
    kind: Kind.INLINE_FRAGMENT,
    ...(condition && !isSameType ? { typeCondition: condition } : {}),
    directives,
    selectionSet: expandSet(inner.selectionSet, type, scope),
  };
  return [fragment];
}
