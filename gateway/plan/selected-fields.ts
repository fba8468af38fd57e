import type { FieldNode, FragmentDefinitionNode, GraphQLSchema, SelectionSetNode } from 'graphql';
import { type GraphQLCompositeType, isCompositeType, Kind } from 'graphql';
import { isIncluded } from './conditions.ts';

/** What is needed to read a selection set: the schema, the fragments of its document and the coerced variables. */
export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether fragments on a type are looked into. @default all are */
  readonly applies?: (typeCondition: string) => boolean;
}

/** The fields of a set with the type each is selected on, fragments expanded, skipped ones left out. */
export function* selectedFields(
  set: SelectionSetNode,
  parent: GraphQLCompositeType,
  scope: SelectionScope,
): Generator<{ node: FieldNode; parent: GraphQLCompositeType }> {
  for (const node of set.selections) {
    if (!isIncluded(node, scope.variables)) continue;
    if (node.kind === Kind.FIELD) {
      yield { node, parent };
      continue;
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : scope.fragments.get(node.name.value);
    const condition = inner?.typeCondition?.name.value;
    if (condition !== undefined && scope.applies?.(condition) === false) continue;
    const type = condition === undefined ? parent : scope.schema.getType(condition);
    if (inner && isCompositeType(type)) yield* selectedFields(inner.selectionSet, type, scope);
  }
}
