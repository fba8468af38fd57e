import type { FieldNode, FragmentDefinitionNode, GraphQLOutputType, GraphQLSchema, SelectionSetNode } from 'graphql';
import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
} from 'graphql';
import { Unplain } from './unplain.ts';

/**
 * An object of a reply as it was asked for. Each occurrence has a header on the tape: the next item of the list it is in
 * (slot 0), where its text starts (1), a mark (2), then what its fields need, then indices of entities that belong to it.
 */
export interface ReplyObject {
  readonly id: number;
  /** Index of the request. */
  readonly reply: number;
  readonly typename: string;
  /** In the order they were asked for, which is the order they must come in. */
  readonly fields: readonly ReplyField[];
  /** Of the header. Grows while entity lists are attached. */
  slots: number;
}

/** A field of an object of a reply. */
export interface ReplyField {
  /** The response name. */
  readonly key: string;
  readonly kind: 'typename' | 'leaf' | 'object' | 'list';
  /** Where its value starts: at the place kept in a slot, plus a number of bytes. */
  readonly start: { readonly slot: number; readonly offset: number };
  /** Keeps where its value ends; for objects and lists the next slot keeps their header. -1 for a `__typename`, which is known. */
  readonly slot: number;
  readonly below: ReplyObject | null;
  /** The type clients know it by; null while none of them sees it. */
  seenAs: GraphQLOutputType | null;
}

/** The slots of a header before those of fields. */
export const HEADER = { next: 0, start: 1, mark: 2, size: 3 } as const;

/** What shapes are made of. */
export interface ShapeScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly reply: number;
  /** All objects, for numbering. */
  readonly objects: ReplyObject[];
}

/** The shape of the objects of a type that answer some selections. Throws Unplain. */
export function toReplyObject(typename: string, sets: readonly SelectionSetNode[], scope: ShapeScope): ReplyObject {
  const type = scope.schema.getType(typename);
  if (!isObjectType(type)) throw new Unplain('abstract-type');
  const nodes = new Map<string, FieldNode[]>();
  for (const set of sets) collect(set, typename, scope, nodes);
  const fields: ReplyField[] = [];
  const object: ReplyObject = { id: scope.objects.length, reply: scope.reply, typename, fields, slots: HEADER.size };
  scope.objects.push(object);
  let start = { slot: HEADER.start as number, offset: 1 };
  for (const [key, group] of nodes) {
    const offset = start.offset + (fields.length > 0 ? 1 : 0) + key.length + 3;
    const name = group[0]?.name.value ?? '';
    if (name === '__typename') {
      fields.push({ key, kind: 'typename', start: { ...start, offset }, slot: -1, below: null, seenAs: null });
      start = { ...start, offset: offset + typename.length + 2 };
      continue;
    }
    const fieldType = type.getFields()[name]?.type;
    if (!fieldType) throw new Unplain('unserved-field');
    const slot = object.slots;
    const kind = kindOf(fieldType);
    object.slots += kind === 'leaf' ? 1 : 2;
    const below = kind === 'leaf' ? null : toReplyObject(getNamedType(fieldType).name, selectionsOf(group), scope);
    fields.push({ key, kind, start: { ...start, offset }, slot, below, seenAs: null });
    start = { slot, offset: 0 };
  }
  if (fields.length === 0) throw new Unplain('unserved-field');
  return object;
}

function selectionsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

function kindOf(type: GraphQLOutputType): 'leaf' | 'object' | 'list' {
  const named = getNamedType(type);
  if (isLeafType(named)) return 'leaf';
  if (!isObjectType(named)) throw new Unplain('abstract-type');
  const nullable = getNullableType(type);
  if (!isListType(nullable)) return 'object';
  if (isListType(getNullableType(nullable.ofType))) throw new Unplain('nested-list');
  return 'list';
}

/** CollectFields (GraphQL specification §6.3.2) for a known object type. */
function collect(set: SelectionSetNode, typename: string, scope: ShapeScope, nodes: Map<string, FieldNode[]>): void {
  for (const node of set.selections) {
    if (!isIncluded(node, scope.variables)) continue;
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const group = nodes.get(key);
      if (group) group.push(node);
      else nodes.set(key, [node]);
      continue;
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : scope.fragments.get(node.name.value);
    const condition = fragment?.typeCondition?.name.value;
    if (fragment && (condition === undefined || applies(scope.schema, condition, typename)))
      collect(fragment.selectionSet, typename, scope, nodes);
  }
}

function applies(schema: GraphQLSchema, condition: string, typename: string): boolean {
  if (condition === typename) return true;
  const [abstract, type] = [schema.getType(condition), schema.getType(typename)];
  // A subgraph may know fewer members of an abstract type than all of them together: it decides, we could only guess.
  if (isAbstractType(abstract) && isObjectType(type)) throw new Unplain('abstract-type');
  return false;
}

function isIncluded(
  node: SelectionSetNode['selections'][number],
  variables: Readonly<Record<string, unknown>>,
): boolean {
  if (!node.directives?.length) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, { ...variables });
  const include = getDirectiveValues(GraphQLIncludeDirective, node, { ...variables });
  return skip?.['if'] !== true && include?.['if'] !== false;
}
