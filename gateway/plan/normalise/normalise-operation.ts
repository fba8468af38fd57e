import type {
  ConstDirectiveNode,
  DirectiveNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
  VariableDefinitionNode,
} from 'graphql';
import { isObjectType, Kind, print, stripIgnoredCharacters, visit } from 'graphql';
import { createBoundedCache } from '../../../lib/bounded-cache.ts';
import { CACHED_CHARACTERS } from '../cached-characters.ts';
import { type ExpansionScope, expandSet } from './expand.ts';
import { hoistLiterals } from './hoist.ts';

/** An operation in normal form. Documents that mean the same but for constants and labels share one object. */
export interface NormalOperation {
  /** Without fragment spreads, unused variables and literals; every `@defer` that is kept has a label of ours. */
  readonly operation: OperationDefinitionNode;
  readonly key: string;
}

/** A client's operation in normal form, with what the form leaves out. */
export interface NormalisedOperation {
  readonly normal: NormalOperation;
  /** Values of the variables that stand for literals. */
  readonly literals: Readonly<Record<string, unknown>>;
  /** The label the client gave to each of ours; null where it gave none. */
  readonly deferLabels: ReadonlyMap<string, string | null>;
}

/** What is deferred beyond so many times is answered at once: in a list each costs a part for every item. */
const DEFER_LIMIT = 16;

/**
 * Brings operations into normal form: fragments inlined and duplicates merged (the order of the answer's fields stays),
 * literals hoisted into variables, unused variables stripped, definitions of variables sorted. `@defer` is kept when
 * `incremental` says so and left out otherwise. Forms are kept by their text, `cacheSize` of them, so that what is derived from
 * one (the pruned views, the shape of the answer) serves every document of that form. Operations must be valid and counted.
 */
export function createNormaliser({
  schema,
  cacheSize,
}: {
  schema: GraphQLSchema;
  cacheSize: number;
}): (
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  incremental: boolean,
) => NormalisedOperation {
  const forms = createBoundedCache<NormalOperation>(cacheSize, { keyLength: CACHED_CHARACTERS });
  return (operation, fragments, incremental) => {
    const root = schema.getRootType(operation.operation);
    if (!isObjectType(root)) throw new TypeError(`The schema has no root type for a ${operation.operation}.`);
    const deferLabels = new Map<string, string | null>();
    const mutation = schema.getMutationType();
    const toDefer: ExpansionScope['toDefer'] = (directive, parent) =>
      incremental && parent !== mutation && deferLabels.size < DEFER_LIMIT ? relabel(directive, deferLabels) : null;
    const expanded = expandSet(operation.selectionSet, root, { schema, fragments, toDefer });
    const { selectionSet, definitions, values } = hoistLiterals(schema, expanded, root);
    const normal = {
      ...operation,
      selectionSet,
      variableDefinitions: variablesOf(operation, selectionSet, definitions),
    };
    const key = stripIgnoredCharacters(print(normal));
    const known = forms.get(key) ?? { operation: normal, key };
    forms.set(key, known);
    return { normal: known, literals: values, deferLabels };
  };
}

/** Each place gets a label of its own: a fragment that defers may be spread in several. */
function relabel(directive: DirectiveNode, labels: Map<string, string | null>): DirectiveNode | null {
  const argument = (name: string) => directive.arguments?.find((node) => node.name.value === name);
  const condition = argument('if');
  if (condition?.value.kind === Kind.BOOLEAN && !condition.value.value) return null;
  const given = argument('label')?.value;
  const label = `_c_${labels.size}`;
  labels.set(label, given?.kind === Kind.STRING ? given.value : null);
  return {
    ...directive,
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'label' },
        value: { kind: Kind.STRING, value: label },
      },
      ...(condition?.value.kind === Kind.VARIABLE ? [condition] : []),
    ],
  };
}

function variablesOf(
  { variableDefinitions = [], directives }: OperationDefinitionNode,
  selectionSet: SelectionSetNode,
  hoisted: readonly VariableDefinitionNode[],
): VariableDefinitionNode[] {
  const used = new Set<string>();
  const note = { Variable: ({ name }: { name: { value: string } }) => void used.add(name.value) };
  visit(selectionSet, note);
  for (const directive of directives ?? []) visit(directive as ConstDirectiveNode, note);
  const kept = variableDefinitions.filter(({ variable }) => used.has(variable.name.value));
  return [...kept.sort((one, other) => (one.variable.name.value < other.variable.name.value ? -1 : 1)), ...hoisted];
}
