import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { getNamedType, isCompositeType } from 'graphql';
import { type Identity, meetsScopes, missingScopes } from '../../lib/identity.ts';
import type { ScopeRequirement } from '../../lib/scope-directives.ts';
import type { ScopePolicy } from '../supergraph/policy.ts';
import { fieldOf } from './field-of.ts';
import type { IsDenied } from './prune.ts';
import { type SelectionScope, selectedFields } from './selected-fields.ts';

/** Whether a caller may not pass `requirement`. Without identity no requirement at all is met. */
function isRefused(identity: Identity | null, requirement: ScopeRequirement | null): boolean {
  return requirement !== null && (identity === null || !meetsScopes(identity.scopes, requirement));
}

/** Types that `identity` may not see in an answer, with the scopes that are missing. */
export function listHiddenTypes(
  identity: Identity | null,
  policy: ScopePolicy,
): ReadonlyMap<string, readonly string[]> {
  const hidden = policy.guardedTypes.filter((type) => isRefused(identity, policy.forType(type)));
  return new Map(hidden.map((type) => [type, missingScopes(identity?.scopes ?? [], policy.forType(type) ?? [])]));
}

/** What `identity` may not read, as a predicate for pruning. */
export function deniedTo(identity: Identity | null, policy: ScopePolicy): IsDenied {
  return (parent, field) => isRefused(identity, policy.forField(parent, field));
}

/**
 * A FORBIDDEN error for each denied field that the operation, with these variables, would have read: once a path, however
 * often the path is selected. Bounded by the limit on fields, which was checked before.
 */
export function listDenials(
  options: SelectionScope & {
    readonly operation: OperationDefinitionNode;
    readonly denied: ReadonlySet<FieldNode>;
    readonly identity: Identity | null;
    readonly policy: ScopePolicy;
  },
): GraphQLFormattedError[] {
  const { schema, operation, denied } = options;
  const found = new Map<string, GraphQLFormattedError>();
  const walk = (set: SelectionSetNode, type: unknown, path: readonly string[]): void => {
    if (!isCompositeType(type)) return;
    for (const { node, parent } of selectedFields(set, type, options)) {
      const field = fieldOf(schema, parent, node.name.value);
      if (!field) continue;
      const here = [...path, node.alias?.value ?? node.name.value];
      if (denied.has(node)) found.set(here.join('\0'), toError({ ...options, path: here, parent, field }));
      else if (node.selectionSet) walk(node.selectionSet, getNamedType(field.type), here);
    }
  };
  if (denied.size > 0) walk(operation.selectionSet, schema.getRootType(operation.operation), []);
  return [...found.values()];
}

function toError({
  schema,
  path,
  parent,
  field,
  identity,
  policy,
}: {
  readonly schema: GraphQLSchema;
  readonly path: readonly string[];
  readonly parent: GraphQLCompositeType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly identity: Identity | null;
  readonly policy: ScopePolicy;
}): GraphQLFormattedError {
  const missing = missingScopes(identity?.scopes ?? [], policy.forField(parent, field) ?? []);
  const done = schema.getMutationType() === parent ? 'run' : 'read';
  const reason = missing.length > 0 ? `the scope ${missing.join(' and ')} is missing` : 'it needs a signed-in caller';
  return {
    message: `${parent.name}.${field.name} was not ${done}: ${reason}.`,
    path,
    extensions: { code: 'FORBIDDEN', missingScopes: missing },
  };
}
