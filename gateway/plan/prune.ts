import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLSchema,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { getNamedType, isCompositeType, Kind } from 'graphql';
import { dataKeyOf } from './data-key.ts';
import { fieldOf } from './field-of.ts';

/** A document reduced to what has to be fetched. */
export interface PrunedDocument {
  /** Null when nothing is left. */
  readonly operation: OperationDefinitionNode | null;
  readonly fragments: readonly FragmentDefinitionNode[];
  /** Field nodes of the client's document that were left out for want of rights. */
  readonly denied: ReadonlySet<FieldNode>;
}

/** Whether the caller may not read a field. */
export type IsDenied = (parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>) => boolean;

/** What a field asks for at least. */
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

interface Pruning {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly kept: Map<string, FragmentDefinitionNode | null>;
  readonly denied: Set<FieldNode>;
  readonly isDenied: IsDenied;
  readonly inputNames: ReadonlySet<string>;
}

/**
 * Leaves out what is denied, what is answered without subgraphs (introspection, `__typename` of root types) and what only
 * speaks to the gateway (`@defer`). Response names that would be mistaken for the input of a plan are replaced. The document must be valid. Fragments stay fragments; each is pruned once.
 */
export function pruneDocument(options: {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  isDenied: IsDenied;
  inputNames: ReadonlySet<string>;
}): PrunedDocument {
  const { schema, operation, fragments, isDenied, inputNames } = options;
  const pruning: Pruning = { schema, fragments, isDenied, inputNames, kept: new Map(), denied: new Set() };
  const root = schema.getRootType(operation.operation);
  const selectionSet = root ? pruneSet(operation.selectionSet, root, pruning) : null;
  return {
    operation: selectionSet && { ...operation, selectionSet },
    fragments: [...pruning.kept.values()].filter((fragment) => fragment !== null),
    denied: pruning.denied,
  };
}

/** Null when nothing of the set is left. */
function pruneSet(set: SelectionSetNode, parent: GraphQLCompositeType, pruning: Pruning): SelectionSetNode | null {
  const selections = set.selections.flatMap((selection) => pruneSelection(selection, parent, pruning) ?? []);
  return selections.length === 0 ? null : { ...set, selections };
}

function pruneSelection(
  selection: SelectionNode,
  parent: GraphQLCompositeType,
  pruning: Pruning,
): SelectionNode | null {
  if (selection.kind === Kind.FIELD) return pruneField(selection, parent, pruning);
  if (selection.kind === Kind.INLINE_FRAGMENT) return pruneInline(selection, parent, pruning);
  return pruneFragment(selection.name.value, pruning) && withoutDefer(selection);
}

function pruneInline(node: InlineFragmentNode, parent: GraphQLCompositeType, pruning: Pruning): SelectionNode | null {
  const type = node.typeCondition ? pruning.schema.getType(node.typeCondition.name.value) : parent;
  const selectionSet = isCompositeType(type) ? pruneSet(node.selectionSet, type, pruning) : null;
  return selectionSet && withoutDefer({ ...node, selectionSet });
}

function pruneField(node: FieldNode, parent: GraphQLCompositeType, pruning: Pruning): FieldNode | null {
  const { schema, isDenied, denied } = pruning;
  const name = node.name.value;
  if (name === '__schema' || name === '__type') return null;
  if (name === '__typename') return isRoot(schema, parent) ? null : node;
  const field = fieldOf(schema, parent, name);
  if (!field) return null;
  if (isDenied(parent, field)) {
    denied.add(node);
    return null;
  }
  const type = getNamedType(field.type);
  const renamed = withKey(node, dataKeyOf(node, pruning.inputNames));
  if (!node.selectionSet || !isCompositeType(type)) return renamed;
  const below = pruneSet(node.selectionSet, type, pruning);
  return { ...renamed, selectionSet: withFooting(below, pruning.kept) };
}

/**
 * A set that stays a set: when all of it is denied or may be skipped, `__typename` stands in, so that one learns whether the
 * object is there. (The planner moves a condition that all selections share to the whole fetch, and the object would be lost.)
 */
function withFooting(set: SelectionSetNode | null, fragments: Pruning['kept']): SelectionSetNode {
  if (!set) return { kind: Kind.SELECTION_SET, selections: [TYPENAME] };
  return isFirm(set, fragments) ? set : { ...set, selections: [...set.selections, TYPENAME] };
}

function isFirm(set: SelectionSetNode | undefined, fragments: Pruning['kept']): boolean {
  return (set?.selections ?? []).some((node) => {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (node.kind === Kind.FIELD) return true;
    const below = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    return isFirm(below?.selectionSet, fragments);
  });
}

function withKey(node: FieldNode, key: string): FieldNode {
  return key === (node.alias?.value ?? node.name.value) ? node : { ...node, alias: { kind: Kind.NAME, value: key } };
}

function pruneFragment(name: string, pruning: Pruning): FragmentDefinitionNode | null {
  const known = pruning.kept.get(name);
  if (known !== undefined) return known;
  const fragment = pruning.fragments.get(name);
  const type = fragment && pruning.schema.getType(fragment.typeCondition.name.value);
  const selectionSet = fragment && isCompositeType(type) ? pruneSet(fragment.selectionSet, type, pruning) : null;
  const kept = fragment && selectionSet ? { ...fragment, selectionSet } : null;
  pruning.kept.set(name, kept);
  return kept;
}

function isRoot(schema: GraphQLSchema, type: GraphQLCompositeType): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some((root) => root === type);
}

function withoutDefer<Node extends SelectionNode>(node: Node): Node {
  if (!node.directives?.some((directive) => directive.name.value === 'defer')) return node;
  return { ...node, directives: node.directives.filter((directive) => directive.name.value !== 'defer') };
}
