import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { isAbstractType, Kind, visit } from 'graphql';
import { dataKeyOf } from '../plan/data-key.ts';
import { fieldOf } from '../plan/field-of.ts';
import { type SelectionScope, selectedFields } from '../plan/selected-fields.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A field of the answer: all nodes of one response name on one type, merged. */
export interface SelectedField {
  /** The response name. */
  readonly key: string;
  /** The key under which it was fetched. */
  readonly source: string;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  readonly type: GraphQLOutputType;
  /** Pruned for want of rights: answered null, without an error beyond the one that says so. */
  readonly denied: boolean;
  /** What is selected below; null for leaves. */
  readonly below: SelectionGroup | null;
}

/** Selection sets that are answered by one object. */
export interface SelectionGroup {
  /** In the order of the answer. Computed once a type. */
  fieldsOn(type: GraphQLObjectType): readonly SelectedField[];
}

/** The shape a client asked for. Shared by all executions of the same document with the same rights. */
export interface ClientSelection {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Types the caller may not even see, for objects reached through an abstract type, with the scopes that are missing. */
  readonly hiddenTypes: ReadonlyMap<string, readonly string[]>;
  forVariables(variables: Variables): SelectionGroup;
}

/** Combinations of @skip and @include values kept; a client with more recomputes them. */
const VARIANT_LIMIT = 64;

/** Prepares the shape of an answer. The document must be valid. */
export function createClientSelection(options: {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  denied: ReadonlySet<FieldNode>;
  hiddenTypes: ReadonlyMap<string, readonly string[]>;
  inputNames: ReadonlySet<string>;
}): ClientSelection {
  const { operation, fragments, hiddenTypes } = options;
  const names = conditionVariables([operation, ...fragments.values()]);
  const variants = new Map<string, SelectionGroup>();
  return {
    operation,
    fragments,
    hiddenTypes,
    forVariables(variables) {
      const variant = names.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const known = variants.get(variant);
      if (known) return known;
      const group = createGroup([operation.selectionSet], { ...options, variables });
      if (variants.size < VARIANT_LIMIT) variants.set(variant, group);
      return group;
    },
  };
}

type GroupScope = SelectionScope & {
  readonly denied: ReadonlySet<FieldNode>;
  readonly inputNames: ReadonlySet<string>;
};

function createGroup(sets: readonly SelectionSetNode[], scope: GroupScope): SelectionGroup {
  const memo = new Map<string, readonly SelectedField[]>();
  return {
    fieldsOn(type) {
      const known = memo.get(type.name);
      if (known) return known;
      const fields = [...collect(sets, type, scope)].flatMap(([key, group]) => toField(key, group, type, scope) ?? []);
      memo.set(type.name, fields);
      return fields;
    },
  };
}

function toField(key: string, nodes: FieldNode[], type: GraphQLObjectType, scope: GroupScope): SelectedField | null {
  const allowed = nodes.filter((node) => !scope.denied.has(node));
  const [first] = nodes;
  const field = first && fieldOf(scope.schema, type, first.name.value);
  if (!field) return null;
  const source = dataKeyOf(first, scope.inputNames);
  const sets = allowed.flatMap((node) => node.selectionSet ?? []);
  const below = sets.length > 0 ? createGroup(sets, scope) : null;
  return { key, source, name: field.name, nodes, type: field.type, denied: allowed.length === 0, below };
}

/** CollectFields of the specification (§6.3.2), for a known object type: nodes by response name. */
function collect(
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  scope: GroupScope,
): Map<string, FieldNode[]> {
  const nodes = new Map<string, FieldNode[]>();
  const typed = { ...scope, applies: (condition: string) => applies(condition, type, scope.schema) };
  for (const set of sets)
    for (const { node } of selectedFields(set, type, typed)) {
      const key = node.alias?.value ?? node.name.value;
      const group = nodes.get(key);
      if (group) group.push(node);
      else nodes.set(key, [node]);
    }
  return nodes;
}

function applies(condition: string, type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && schema.isSubType(abstract, type);
}

function conditionVariables(definitions: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): string[] {
  const names = new Set<string>();
  for (const definition of definitions)
    visit(definition, {
      Directive(directive) {
        if (directive.name.value !== 'skip' && directive.name.value !== 'include') return;
        for (const { value } of directive.arguments ?? [])
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
  return [...names];
}
