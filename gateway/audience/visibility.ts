import type { GraphQLSchema } from 'graphql';
import { isCompositeType, isInputObjectType, isUnionType } from 'graphql';
import type { ScopePolicy } from '../supergraph/policy.ts';
import type { Tags } from './tags.ts';

/** What of a schema somebody may see. What cannot be reached through what is visible is hidden as well. */
export interface Visibility {
  type(name: string): boolean;
  /** A field, an input field or an enum value. */
  member(type: string, name: string): boolean;
  argument(type: string, field: string, name: string): boolean;
}

/** Which tagged parts of a graph belong to a contract. */
export interface ContractTags {
  /** Only fields that carry one of these, or whose type does. Absent or empty: all. Leaf and input types follow what uses them. */
  readonly include?: readonly string[];
  /** Nothing that carries one of these. Wins over `include`. */
  readonly exclude?: readonly string[];
}

/** What a contract by `@tag` shows. */
export function visibleByTags(schema: GraphQLSchema, tags: Tags, contract: ContractTags): Visibility {
  const { include = [], exclude = [] } = contract;
  const carries = (coordinate: string, names: readonly string[]) =>
    names.some((name) => tags.get(coordinate)?.has(name));
  const isIncluded = (type: string, coordinate: string) =>
    include.length === 0 || !isSelectable(schema, type) || carries(type, include) || carries(coordinate, include);
  return {
    type: (name) => !carries(name, exclude),
    member: (type, name) => !carries(`${type}.${name}`, exclude) && isIncluded(type, `${type}.${name}`),
    argument: (type, field, name) => !carries(`${type}.${field}(${name}:)`, exclude),
  };
}

/** What fits callers with certain rights: `allows` says whether they meet the requirement of a field or a type. */
export function visibleByScopes(
  schema: GraphQLSchema,
  policy: ScopePolicy,
  allows: (requirement: ReturnType<ScopePolicy['forType']>) => boolean,
): Visibility {
  return {
    type: (name) => allows(policy.forType(name)),
    member(parent, name) {
      const type = schema.getType(parent);
      if (!isCompositeType(type) || isUnionType(type)) return true;
      const field = type.getFields()[name];
      return field === undefined || allows(policy.forField(type, field));
    },
    argument: () => true,
  };
}

/** Types whose fields are chosen one by one; others are seen where they are used. */
function isSelectable(schema: GraphQLSchema, name: string): boolean {
  const type = schema.getType(name);
  return isCompositeType(type) && !isInputObjectType(type);
}
