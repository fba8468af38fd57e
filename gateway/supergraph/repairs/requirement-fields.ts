import type {
  ConstArgumentNode,
  ConstDirectiveNode,
  DocumentNode,
  FieldDefinitionNode,
  FieldNode,
  SelectionNode,
} from 'graphql';
import { Kind, print } from 'graphql';
import { textArgument } from '../join-directives.ts';
import { mapFieldSet, parseFieldSet, printFieldSet } from './field-sets.ts';
import { type FieldedType, indexSupergraph, namedTypeOf, type SupergraphIndex } from './supergraph-index.ts';

/** A field that stands for another with certain arguments. */
export interface RequirementField {
  /** The name under which the planner knows it, and under which it is fetched. */
  readonly name: string;
  readonly original: string;
  readonly arguments: readonly ConstArgumentNode[];
}

/** A supergraph in which no requirement has arguments any more. */
export interface RequirementFields {
  readonly document: DocumentNode;
  /** By name. Empty when there was nothing to repair. */
  readonly fields: ReadonlyMap<string, RequirementField>;
}

/**
 * Repair: requirements with arguments become fields of their own.
 *
 * What the planner gets wrong: it fetches what `@requires(fields: "price(currency: \"USD\")")` needs as `price`. Two
 * requirements with different arguments, or the client's own `price(currency: "EUR")`, are the same to it: it fetches one of
 * them and hands it over for all. Here each combination of field and arguments becomes a field without arguments
 * (`_c_1_price`) wherever the original is, with the same `@join__field`; nothing is confused then. The plan is put right
 * afterwards (plan/repairs/requirement-fetches.ts): the field is fetched as `_c_1_price: price(currency: "USD")` and handed
 * over as `price`.
 */
export function separateRequirements(supergraph: DocumentNode): RequirementFields {
  const index = indexSupergraph(supergraph);
  const needs = createNeeds(supergraph);
  const rewritten = supergraph.definitions.map((node) =>
    isFielded(node)
      ? { ...node, fields: (node.fields ?? []).map((field) => rewriteField(field, node, index, needs)) }
      : node,
  );
  if (needs.fields.size === 0) return { document: supergraph, fields: needs.fields };
  const definitions = rewritten.map((node) => (isFielded(node) ? withCopies(node, index, needs) : node));
  return { document: { ...supergraph, definitions }, fields: needs.fields };
}

interface Needs {
  readonly fields: Map<string, RequirementField>;
  /** Names of the types that a requirement reads the field on. */
  readonly parents: Map<string, Set<string>>;
  fieldFor(node: FieldNode, parent: string): RequirementField;
}

function createNeeds(supergraph: DocumentNode): Needs {
  const fields = new Map<string, RequirementField>();
  const parents = new Map<string, Set<string>>();
  const byText = new Map<string, RequirementField>();
  const taken = print(supergraph);
  let count = 0;
  const invent = (original: string): string => {
    count += 1;
    const name = `_c_${count}_${original}`;
    return taken.includes(name) ? invent(original) : name;
  };
  return {
    fields,
    parents,
    fieldFor(node, parent) {
      const args = [...(node.arguments ?? [])] as ConstArgumentNode[];
      const text = `${node.name.value}(${args.map(print).sort().join()})`;
      const field = byText.get(text) ?? { name: invent(node.name.value), original: node.name.value, arguments: args };
      byText.set(text, field);
      fields.set(field.name, field);
      parents.set(field.name, (parents.get(field.name) ?? new Set()).add(parent));
      return field;
    },
  };
}

function rewriteField(field: FieldDefinitionNode, parent: FieldedType, index: SupergraphIndex, needs: Needs) {
  const directives = (field.directives ?? []).map((directive): ConstDirectiveNode => {
    const requires = directive.name.value === 'join__field' ? textArgument(directive, 'requires') : undefined;
    if (!requires?.includes('(')) return directive;
    const set = mapFieldSet(parseFieldSet(requires), parent.name.value, (node, on) => separate(node, on, index, needs));
    const value = { kind: Kind.STRING, value: printFieldSet(set) } as const;
    const args = (directive.arguments ?? []).map((node) =>
      node.name.value === 'requires' ? { ...node, value } : node,
    );
    return { ...directive, arguments: args };
  });
  return { ...field, directives };
}

function separate(node: SelectionNode, parent: string, index: SupergraphIndex, needs: Needs) {
  if (node.kind !== Kind.FIELD) {
    const condition = node.kind === Kind.INLINE_FRAGMENT ? node.typeCondition?.name.value : undefined;
    return { node, inner: condition ?? parent };
  }
  const type = index.field(parent, node.name.value)?.type;
  const inner = type ? namedTypeOf(type) : null;
  if (!type || !node.arguments?.length) return { node, inner };
  const { name } = needs.fieldFor(node, parent);
  return { node: { ...node, name: { ...node.name, value: name }, arguments: [] }, inner };
}

/** The type with a copy of each field that some requirement reads on it. */
function withCopies(type: FieldedType, index: SupergraphIndex, needs: Needs): FieldedType {
  const copies = [...needs.fields.values()].flatMap(({ name, original }): FieldDefinitionNode[] => {
    const parents = [...(needs.parents.get(name) ?? [])];
    const isRead = parents.some((parent) => index.family(parent).some((one) => one.name.value === type.name.value));
    const field = type.fields?.find((one) => one.name.value === original);
    return isRead && field ? [{ ...field, name: { ...field.name, value: name }, arguments: [] }] : [];
  });
  return copies.length === 0 ? type : { ...type, fields: [...(type.fields ?? []), ...copies] };
}

function isFielded(node: { readonly kind: string }): node is FieldedType {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
}
