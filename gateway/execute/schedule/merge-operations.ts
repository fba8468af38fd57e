import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  NameNode,
  SelectionSetNode,
  VariableDefinitionNode,
} from 'graphql';
import { Kind, OperationTypeNode, parseType, print, stripIgnoredCharacters, visit } from 'graphql';
import type { SubgraphOperation } from '../../transport/transport.ts';
import type { PlannedFetch } from '../planned-fetch.ts';

/** Several entity fetches as one operation. */
export interface MergedOperation {
  readonly operation: SubgraphOperation;
  /** The client's variables it uses. */
  readonly variables: readonly string[];
  /** For each fetch, in order: under which alias its entities come, and which variable takes its representations. */
  readonly names: readonly { readonly responseKey: string; readonly variable: string }[];
}

/** The variable and the field of an entity fetch as planners write them. */
export const PLAIN_NAMES = { responseKey: '_entities', variable: 'representations' };

/**
 * Writes several entity fetches for one subgraph as one operation:
 * `query($r0:[_Any!]!,$r1:[_Any!]!){e0:_entities(representations:$r0){…}e1:_entities(representations:$r1){…}}`.
 * Variables of the client keep their names (in all fetches they mean the same); ours keep clear of them. Fragments of one
 * name stay one when they are the same, and are renamed otherwise.
 */
export function mergeOperations(fetches: readonly PlannedFetch[]): MergedOperation {
  const variables = [...new Set(fetches.flatMap((fetch) => fetch.variables))];
  const definitions = fetches.flatMap(({ definition }) => definition.variableDefinitions ?? []);
  const taken = new Set([...variables, ...definitions.map((node) => node.variable.name.value)]);
  const names = fetches.map((_, index) => ({ responseKey: `e${index}`, variable: freeName(`r${index}`, taken) }));
  const fragments = new Map<string, FragmentDefinitionNode>();
  const selections = fetches.map((fetch, index): FieldNode => {
    const selectionSet = withFragments(fetch, index, fragments);
    const { responseKey, variable } = names[index] ?? PLAIN_NAMES;
    return entitiesField(responseKey, variable, selectionSet);
  });
  const [first] = fetches;
  const name = first?.operation.name;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        ...(name === undefined ? {} : { name: nameNode(name) }),
        variableDefinitions: [
          ...names.map(({ variable }) => representationsOf(variable)),
          ...clientVariables(definitions),
        ],
        directives: first?.definition.directives ?? [],
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
      ...fragments.values(),
    ],
  };
  const text = stripIgnoredCharacters(print(document));
  return { operation: { kind: 'query', text, document, ...(name === undefined ? {} : { name }) }, variables, names };
}

/** Whether fetches can be one operation: directives of the operation, if there are any, must be the same. */
export function isMergeable(one: PlannedFetch, other: PlannedFetch): boolean {
  const [first, second] = [one, other].map(({ definition }) => (definition.directives ?? []).map(print).join(' '));
  return first === second;
}

function withFragments(
  fetch: PlannedFetch,
  index: number,
  into: Map<string, FragmentDefinitionNode>,
): SelectionSetNode {
  const own = [...fetch.fragments.values()];
  const clashes = own.some((node) => {
    const known = into.get(node.name.value);
    return known !== undefined && print(known) !== print(node);
  });
  if (!clashes) {
    for (const node of own) into.set(node.name.value, node);
    return fetch.selection;
  }
  const taken = new Set([...into.keys(), ...fetch.fragments.keys()]);
  const renamed = new Map(own.map(({ name }) => [name.value, freeName(`${name.value}_${index}`, taken)]));
  const rename = <Node extends SelectionSetNode | FragmentDefinitionNode>(node: Node): Node =>
    visit(node, {
      FragmentSpread: (spread) => ({ ...spread, name: nameNode(renamed.get(spread.name.value) ?? spread.name.value) }),
    });
  for (const node of own) {
    const name = renamed.get(node.name.value) ?? node.name.value;
    into.set(name, { ...rename(node), name: nameNode(name) });
  }
  return rename(fetch.selection);
}

function entitiesField(alias: string, variable: string, selectionSet: SelectionSetNode): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: nameNode(alias),
    name: nameNode('_entities'),
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: nameNode('representations'),
        value: { kind: Kind.VARIABLE, name: nameNode(variable) },
      },
    ],
    selectionSet,
  };
}

function representationsOf(variable: string): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: nameNode(variable) },
    type: parseType('[_Any!]!', { noLocation: true }),
  };
}

function clientVariables(definitions: readonly VariableDefinitionNode[]): VariableDefinitionNode[] {
  const byName = new Map(definitions.map((node) => [node.variable.name.value, node]));
  byName.delete(PLAIN_NAMES.variable);
  return [...byName.values()];
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `_${name}`;
  taken.add(name);
  return name;
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}
