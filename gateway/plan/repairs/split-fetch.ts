import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { DocumentNode, FieldNode, InlineFragmentNode, SelectionNode, SelectionSetNode } from 'graphql';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { RequirementIndex } from './requirement-index.ts';

/** Places in a representation, as they are sent, and the names that want to be there. */
type Claims = ReadonlyMap<string, ReadonlySet<string>>;

/** One field that a fetch asks for, with the fragments around it. */
interface Asked {
  readonly around: readonly InlineFragmentNode[];
  readonly field: FieldNode;
  readonly claims: Claims;
}

/** Fields whose requirements go into one representation. */
interface Part {
  readonly asked: Asked[];
  readonly claims: Map<string, Set<string>>;
}

/**
 * Splits an entity fetch whose representation would have two values in one place (the same field with different arguments):
 * each part asks for the fields whose requirements fit together, and sends those alone. Most fetches stay one.
 */
export function splitFetch(fetch: FetchNode, index: RequirementIndex): readonly FetchNode[] {
  const contested = contestedIn(fetch, index);
  if (contested.size === 0) return [fetch];
  const document = parse(fetch.operation, { noLocation: true });
  const entities = entitiesField(document);
  if (!entities?.selectionSet) return [fetch];
  const parts = distribute(listAsked(entities.selectionSet, [], fetch.serviceName, index), contested);
  if (parts.length < 2) return [fetch];
  return parts.map((part) => ({
    ...fetch,
    ...withFields(document, entities, part.asked),
    requires: keepClaimed(fetch.requires ?? [], '', contested, part.claims, index),
  }));
}

function contestedIn(fetch: FetchNode, index: RequirementIndex): Set<string> {
  const claims = new Map<string, Set<string>>();
  const walk = (selections: readonly QueryPlanSelectionNode[], path: string): void => {
    for (const node of selections) {
      const here = node.kind === 'Field' ? placeOf(path, node.name, index) : path;
      if (node.kind === 'Field') claims.set(here, (claims.get(here) ?? new Set()).add(node.name));
      walk(node.selections ?? [], here);
    }
  };
  walk(fetch.requires ?? [], '');
  return new Set([...claims].filter(([, names]) => names.size > 1).map(([place]) => place));
}

function placeOf(path: string, name: string, { fields }: RequirementIndex): string {
  return `${path}.${fields.get(name)?.original ?? name}`;
}

function listAsked(
  set: SelectionSetNode,
  around: readonly InlineFragmentNode[],
  subgraph: string,
  index: RequirementIndex,
): Asked[] {
  const type = around.findLast((fragment) => fragment.typeCondition)?.typeCondition?.name.value ?? '';
  return set.selections.flatMap((node): Asked[] => {
    if (node.kind === Kind.INLINE_FRAGMENT) return listAsked(node.selectionSet, [...around, node], subgraph, index);
    if (node.kind !== Kind.FIELD) return [];
    const required = index.requiredBy(subgraph, type, node.name.value);
    return [{ around, field: node, claims: required ? claimsOf(required, index) : new Map() }];
  });
}

function claimsOf(required: SelectionSetNode, index: RequirementIndex): Claims {
  const claims = new Map<string, Set<string>>();
  const walk = ({ selections }: SelectionSetNode, path: string): void => {
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) continue;
      const here = node.kind === Kind.FIELD ? placeOf(path, node.name.value, index) : path;
      if (node.kind === Kind.FIELD) claims.set(here, (claims.get(here) ?? new Set()).add(node.name.value));
      if (node.selectionSet) walk(node.selectionSet, here);
    }
  };
  walk(required, '');
  return claims;
}

/** Each field goes into the first part whose claims agree with its own. */
function distribute(asked: readonly Asked[], contested: ReadonlySet<string>): Part[] {
  const parts: Part[] = [];
  for (const one of asked) {
    const fits = ({ claims }: Part) =>
      [...one.claims].every(([place, names]) => {
        const taken = claims.get(place);
        return !contested.has(place) || !taken || [...names].every((name) => taken.has(name));
      });
    const part: Part = parts.find(fits) ?? { asked: [], claims: new Map() };
    if (part.asked.length === 0) parts.push(part);
    part.asked.push(one);
    for (const [place, names] of one.claims)
      part.claims.set(place, new Set([...(part.claims.get(place) ?? []), ...names]));
  }
  return parts;
}

/** What a fetch sends, without what other parts send in the contested places. */
function keepClaimed(
  selections: readonly QueryPlanSelectionNode[],
  path: string,
  contested: ReadonlySet<string>,
  claims: Claims,
  index: RequirementIndex,
): QueryPlanSelectionNode[] {
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    const here = node.kind === 'Field' ? placeOf(path, node.name, index) : path;
    if (node.kind === 'Field' && contested.has(here) && !claims.get(here)?.has(node.name)) return [];
    if (!node.selections) return [node];
    return [{ ...node, selections: keepClaimed(node.selections, here, contested, claims, index) }];
  });
}

function entitiesField(document: DocumentNode): FieldNode | null {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [field] = operation?.selectionSet.selections ?? [];
  return field?.kind === Kind.FIELD && field.name.value === '_entities' ? field : null;
}

function withFields(
  document: DocumentNode,
  entities: FieldNode,
  asked: readonly Asked[],
): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const selections = asked.map(({ around, field }) =>
    around.reduceRight<SelectionNode>(
      (inner, fragment) => ({ ...fragment, selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] } }),
      field,
    ),
  );
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [withSelections(entities, selections)] } as const;
  const used = variablesIn(selectionSet);
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    const variableDefinitions = node.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? [];
    return { ...node, selectionSet, variableDefinitions };
  });
  used.delete('representations');
  return { operation: stripIgnoredCharacters(print({ ...document, definitions })), variableUsages: [...used] };
}

function withSelections(field: FieldNode, selections: readonly SelectionNode[]): FieldNode {
  return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function variablesIn(set: SelectionSetNode): Set<string> {
  const names = new Set<string>();
  visit(set, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}
