import type { DocumentNode, GraphQLCompositeType, GraphQLField, GraphQLSchema } from 'graphql';
import { getNamedType, isInterfaceType } from 'graphql';
import { bothOf, readScopePolicy, type ScopeRequirement } from '../../lib/scope-directives.ts';

/** What reading a field or seeing a type demands. Null: nothing, anonymous callers included. */
export interface ScopePolicy {
  /** Nothing in the supergraph is guarded: pruning can be skipped. */
  readonly empty: boolean;
  /**
   * For selecting `field` on `parent`: the rules of the parent, the field and the field's type, ANDed. On an interface
   * also those of every implementer, since any of them may answer (GHSA-x33c-7c2v-mrj9).
   */
  forField(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): ScopeRequirement | null;
  /** For an object of this type appearing in an answer, when it was reached through an abstract type. */
  forType(name: string): ScopeRequirement | null;
  /** Object types that have a rule of their own. */
  readonly guardedTypes: readonly string[];
}

/** Lifts `@requiresScopes` and `@authenticated` out of a supergraph document. `schema` is its API schema. */
export function createScopePolicy(document: DocumentNode, schema: GraphQLSchema): ScopePolicy {
  const rules = readScopePolicy(document);
  const memo = new Map<string, ScopeRequirement | null>();
  const forType = (name: string) => rules.get(name) ?? null;

  const coordinates = (parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>) => {
    const parents = [parent, ...(isInterfaceType(parent) ? schema.getPossibleTypes(parent) : [])];
    return [...parents.flatMap(({ name }) => [name, `${name}.${field.name}`]), getNamedType(field.type).name];
  };
  return {
    empty: rules.size === 0,
    forType,
    guardedTypes: [...rules.keys()].filter((coordinate) => !coordinate.includes('.')),
    forField(parent, field) {
      const key = `${parent.name}.${field.name}`;
      const known = memo.get(key);
      if (known !== undefined) return known;
      const found = coordinates(parent, field).flatMap((coordinate) => {
        const rule = rules.get(coordinate);
        return rule ? [rule] : [];
      });
      const requirement = found.length === 0 ? null : bothOf(...found);
      memo.set(key, requirement);
      return requirement;
    },
  };
}
