import type {
  FieldNode,
  FragmentDefinitionNode,
  FragmentSpreadNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { isAbstractType, Kind, visit } from 'graphql';
import { isIncluded } from '../plan/conditions.ts';
import { dataKeyOf } from '../plan/data-key.ts';
import { fieldOf } from '../plan/field-of.ts';
import type { SelectionScope } from '../plan/selected-fields.ts';
import { deferralOf } from './deferral.ts';

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
  /** What is answered later for an object of that type; empty unless the answer is to be deferred. */
  deferredOn(type: GraphQLObjectType): readonly DeferredSelection[];
}

/** Fields of an object that are answered later. */
export interface DeferredSelection {
  /** As in the plan; null where there is none. */
  readonly label: string | null;
  readonly group: SelectionGroup;
}

/** The shape a client asked for. Shared by all executions of the same document with the same rights. */
export interface ClientSelection {
  /** The schema the operation was written for. */
  readonly schema: GraphQLSchema;
  /** What `__schema` and `__type` tell of. */
  readonly introspected: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Types the caller may not even see, for objects reached through an abstract type, with the scopes that are missing. */
  readonly hiddenTypes: ReadonlyMap<string, readonly string[]>;
  /** What is selected for these variables; without `defer` what may come later is like any other selection. */
  forVariables(variables: Variables, options?: { readonly defer: boolean }): SelectionGroup;
}

/** Directives that may depend on a variable. */
const CONDITIONAL: ReadonlySet<string> = new Set(['skip', 'include', 'defer']);
/** Combinations of @skip, @include and @defer values kept; a client with more recomputes them. */
const VARIANT_LIMIT = 64;

/** Prepares the shape of an answer. The document must be valid. */
export function createClientSelection(options: {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  denied: ReadonlySet<FieldNode>;
  hiddenTypes: ReadonlyMap<string, readonly string[]>;
  inputNames: ReadonlySet<string>;
  /** @default `schema` */
  introspected?: () => GraphQLSchema;
}): ClientSelection {
  const { schema, introspected = () => schema, operation, fragments, hiddenTypes } = options;
  const names = conditionVariables([operation, ...fragments.values()]);
  const variants = new Map<string, SelectionGroup>();
  return {
    schema,
    get introspected() {
      return introspected();
    },
    operation,
    fragments,
    hiddenTypes,
    forVariables(variables, { defer } = { defer: false }) {
      const variant = (defer ? '+' : '') + names.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const known = variants.get(variant);
      if (known) return known;
      const group = createGroup([operation.selectionSet], { ...options, variables, defer });
      if (variants.size < VARIANT_LIMIT) variants.set(variant, group);
      return group;
    },
  };
}

type GroupScope = SelectionScope & {
  readonly denied: ReadonlySet<FieldNode>;
  readonly inputNames: ReadonlySet<string>;
  readonly defer: boolean;
};

/** What selection sets hold for one type: nodes by response name, and sets by label of what comes later. */
interface Collected {
  readonly nodes: Map<string, FieldNode[]>;
  readonly later: Map<string | null, SelectionSetNode[]>;
}

interface GroupOnType {
  readonly fields: readonly SelectedField[];
  readonly deferred: readonly DeferredSelection[];
}

function createGroup(sets: readonly SelectionSetNode[], scope: GroupScope): SelectionGroup {
  const memo = new Map<string, GroupOnType>();
  const on = (type: GraphQLObjectType): GroupOnType => {
    const known = memo.get(type.name);
    if (known) return known;
    const collected: Collected = { nodes: new Map(), later: new Map() };
    for (const set of sets) collect(set, type, scope, collected);
    const made = {
      fields: [...collected.nodes].flatMap(([key, nodes]) => toField(key, nodes, type, scope) ?? []),
      deferred: [...collected.later].map(([label, later]) => ({ label, group: createGroup(later, scope) })),
    };
    memo.set(type.name, made);
    return made;
  };
  return { fieldsOn: (type) => on(type).fields, deferredOn: (type) => on(type).deferred };
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

/** CollectFields of the specification (§6.3.2), for a known object type. */
function collect(set: SelectionSetNode, type: GraphQLObjectType, scope: GroupScope, into: Collected): void {
  for (const node of set.selections) {
    if (!isIncluded(node, scope.variables)) continue;
    if (node.kind === Kind.FIELD) append(into.nodes, node.alias?.value ?? node.name.value, node);
    else collectFragment(node, type, scope, into);
  }
}

function collectFragment(
  node: InlineFragmentNode | FragmentSpreadNode,
  type: GraphQLObjectType,
  scope: GroupScope,
  into: Collected,
): void {
  const inner = node.kind === Kind.INLINE_FRAGMENT ? node : scope.fragments.get(node.name.value);
  const condition = inner?.typeCondition?.name.value;
  if (!inner || (condition !== undefined && !applies(condition, type, scope.schema))) return;
  const later = scope.defer ? deferralOf(node, scope.variables) : null;
  if (later) append(into.later, later.label, inner.selectionSet);
  else collect(inner.selectionSet, type, scope, into);
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
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
        if (!CONDITIONAL.has(directive.name.value)) return;
        for (const { value } of directive.arguments ?? [])
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
  return [...names];
}
