import type {
  FieldNode,
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

/** An operation reduced to what has to be fetched. */
export interface PrunedOperation {
  /** Null when nothing is left. */
  readonly operation: OperationDefinitionNode | null;
  /** Field nodes of the operation that were left out for want of rights. */
  readonly denied: ReadonlySet<FieldNode>;
}

/** Whether the caller may not read a field. */
export type IsDenied = (parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>) => boolean;

/** What a field asks for at least. */
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
/** Directives by which a selection may be absent from what is fetched first. */
const CONDITIONAL = new Set(['skip', 'include', 'defer']);

interface Pruning {
  readonly schema: GraphQLSchema;
  readonly denied: Set<FieldNode>;
  readonly isDenied: IsDenied;
  readonly inputNames: ReadonlySet<string>;
}

/**
 * Leaves out what is denied and what is answered without subgraphs (introspection, `__typename` of root types). Response names
 * that would be mistaken for the input of a plan are replaced. The operation must be in normal form: valid, without spreads.
 */
export function pruneOperation(options: {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  isDenied: IsDenied;
  inputNames: ReadonlySet<string>;
}): PrunedOperation {
  const { schema, operation, isDenied, inputNames } = options;
  const pruning: Pruning = { schema, isDenied, inputNames, denied: new Set() };
  const root = schema.getRootType(operation.operation);
  const selectionSet = root ? pruneSet(operation.selectionSet, root, pruning) : null;
  return { operation: selectionSet && { ...operation, selectionSet }, denied: pruning.denied };
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
  return selection.kind === Kind.INLINE_FRAGMENT ? pruneInline(selection, parent, pruning) : null;
}

function pruneInline(node: InlineFragmentNode, parent: GraphQLCompositeType, pruning: Pruning): SelectionNode | null {
  const type = node.typeCondition ? pruning.schema.getType(node.typeCondition.name.value) : parent;
  const selectionSet = isCompositeType(type) ? pruneSet(node.selectionSet, type, pruning) : null;
  return selectionSet && { ...node, selectionSet };
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
  return { ...renamed, selectionSet: withFooting(below) };
}

/**
 * A set that stays a set: when all of it is denied, deferred or may be skipped, `__typename` stands in, so that one learns
 * whether the object is there. (The planner moves a condition that all selections share to the whole fetch, and the object
 * would be lost.)
 */
function withFooting(set: SelectionSetNode | null): SelectionSetNode {
  if (!set) return { kind: Kind.SELECTION_SET, selections: [TYPENAME] };
  return isFirm(set) ? set : { ...set, selections: [...set.selections, TYPENAME] };
}

function isFirm({ selections }: SelectionSetNode): boolean {
  return selections.some((node) => {
    if (node.directives?.some(({ name }) => CONDITIONAL.has(name.value))) return false;
    return node.kind === Kind.INLINE_FRAGMENT ? isFirm(node.selectionSet) : true;
  });
}

function withKey(node: FieldNode, key: string): FieldNode {
  return key === (node.alias?.value ?? node.name.value) ? node : { ...node, alias: { kind: Kind.NAME, value: key } };
}

function isRoot(schema: GraphQLSchema, type: GraphQLCompositeType): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some((root) => root === type);
}
