import type { FetchNode } from '@apollo/query-planner';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  InlineFragmentNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';
import type { Claims, RequirementIndex } from './requirement-index.ts';

/** One field that an entity fetch asks for. */
export interface AskedField {
  /** The fragments around it, outermost first. */
  readonly around: readonly InlineFragmentNode[];
  readonly field: FieldNode;
  /** What it requires. */
  readonly claims: Claims;
  /** Every `@skip` and `@include` it stands under, as text; empty when it is always asked for. */
  readonly condition: string;
}

/** The fields below `_entities`, in order. */
export function listAskedFields(
  set: SelectionSetNode,
  subgraph: string,
  index: RequirementIndex,
  around: readonly InlineFragmentNode[] = [],
): AskedField[] {
  const type = around.findLast((fragment) => fragment.typeCondition)?.typeCondition?.name.value ?? '';
  return set.selections.flatMap((node): AskedField[] => {
    if (node.kind === Kind.INLINE_FRAGMENT)
      return listAskedFields(node.selectionSet, subgraph, index, [...around, node]);
    if (node.kind !== Kind.FIELD) return [];
    const conditions = [...around, node].flatMap((one) => (one.directives ?? []).filter(isCondition).map(print));
    return [
      {
        around,
        field: node,
        claims: index.requiredBy(subgraph, type, node.name.value),
        condition: [...new Set(conditions)].sort().join(),
      },
    ];
  });
}

/** The operation of a fetch with only some of its fields below `_entities`, and only the variables that they use. */
export function withAskedFields(
  document: DocumentNode,
  entities: FieldNode,
  asked: readonly AskedField[],
): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const selections = asked.map(({ around, field }) => around.reduceRight<SelectionNode>(wrap, field));
  const field = { ...entities, selectionSet: { kind: Kind.SELECTION_SET, selections } as const };
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [field] } as const;
  const used = variablesIn(selectionSet);
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    const variableDefinitions = node.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? [];
    return { ...node, selectionSet, variableDefinitions };
  });
  used.delete('representations');
  return { operation: stripIgnoredCharacters(print({ ...document, definitions })), variableUsages: [...used] };
}

function wrap(inner: SelectionNode, fragment: InlineFragmentNode): SelectionNode {
  return { ...fragment, selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] } };
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

function variablesIn(set: SelectionSetNode): Set<string> {
  const names = new Set<string>();
  visit(set, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
