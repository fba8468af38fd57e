import {
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { PreparedOperation } from '../engine.ts';
import { isIncluded } from '../plan/conditions.ts';

/** The one field a subscription asks for. */
export interface RootField {
  readonly definition: GraphQLField<unknown, unknown>;
  readonly responseName: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The field of a validated subscription, through fragments. AppError BAD_REQUEST when none is left by `@skip` and `@include`. */
export function rootFieldOf(schema: GraphQLSchema, operation: PreparedOperation): RootField {
  const { document } = operation;
  const node = getOperationAST(document, operation.name);
  const field = node && findField(node.selectionSet);
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value];
  if (!field || !definition) throw new AppError('BAD_REQUEST', 'This subscription has no events of its own.');
  return {
    definition,
    responseName: field.alias?.value ?? field.name.value,
    args: getArgumentValues(definition, field, operation.variables),
  };

  function findField(selectionSet: SelectionSetNode): FieldNode | undefined {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, operation.variables)) continue;
      if (selection.kind === Kind.FIELD) return selection;
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragment(selection.name.value);
      const found = inner && findField(inner);
      if (found) return found;
    }
    return undefined;
  }

  function fragment(name: string): SelectionSetNode | undefined {
    return document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .find((definition) => definition.name.value === name)?.selectionSet;
  }
}
