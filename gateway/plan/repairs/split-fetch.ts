import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type DocumentNode, type FieldNode, Kind, parse } from 'graphql';
import { type AskedField, listAskedFields, withAskedFields } from './asked-fields.ts';
import type { Claims, RequirementIndex } from './requirement-index.ts';

/** Fields whose requirements go into one representation. */
interface Part {
  readonly condition: string;
  readonly asked: AskedField[];
  readonly claims: Map<string, Set<string>>;
}

/**
 * Repair: an entity fetch becomes several side by side where one representation cannot serve all its fields.
 *
 * What the planner gets wrong: it makes one representation of all that the fields of a fetch require. (1) Two of them may want
 * different values in one place (a field with different arguments). (2) What a field under `@skip` or `@include` requires is
 * fetched under that condition, but stays in the representation, which then cannot be built, and all the other fields are lost.
 * Each part asks for the fields that go together and sends what they require and the keys.
 */
export function splitFetch(fetch: FetchNode, index: RequirementIndex): readonly FetchNode[] {
  if (index.empty || !fetch.requires) return [fetch];
  const document = parse(fetch.operation, { noLocation: true });
  const entities = entitiesField(document);
  if (!entities?.selectionSet) return [fetch];
  const asked = listAskedFields(entities.selectionSet, fetch.serviceName, index);
  const parts = distribute(asked);
  if (parts.length < 2) return [fetch];
  const claimed = new Set(parts.flatMap(({ claims }) => [...claims.keys()]));
  return parts.map(({ asked: fields, claims }) => ({
    ...fetch,
    ...withAskedFields(document, entities, fields),
    requires: keep(fetch.requires ?? [], { path: '', type: '', claimed, claims, fetch, index }),
  }));
}

/** Each field goes into the first part that it agrees with. What requires nothing goes wherever there is no condition. */
function distribute(asked: readonly AskedField[]): Part[] {
  const parts: Part[] = [];
  for (const one of asked) {
    const condition = one.claims.size === 0 ? '' : one.condition;
    const part: Part = parts.find((known) => known.condition === condition && agree(known.claims, one.claims)) ?? {
      condition,
      asked: [],
      claims: new Map(),
    };
    if (part.asked.length === 0) parts.push(part);
    part.asked.push(one);
    for (const [place, names] of one.claims) part.claims.set(place, new Set(names));
  }
  return parts;
}

function agree(some: Claims, others: Claims): boolean {
  return [...others].every(([place, names]) => {
    const taken = some.get(place);
    return !taken || [...names].every((name) => taken.has(name));
  });
}

interface Keeping {
  readonly path: string;
  readonly type: string;
  /** Places that some part claims. */
  readonly claimed: ReadonlySet<string>;
  /** What this part claims. */
  readonly claims: Claims;
  readonly fetch: FetchNode;
  readonly index: RequirementIndex;
}

/** What a fetch sends, without what only other parts need. */
function keep(selections: readonly QueryPlanSelectionNode[], keeping: Keeping): QueryPlanSelectionNode[] {
  const { path, type, claimed, claims, fetch, index } = keeping;
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'InlineFragment') {
      const inner = path === '' ? (node.typeCondition ?? type) : type;
      return [{ ...node, selections: keep(node.selections, { ...keeping, type: inner }) }];
    }
    const here = index.placeOf(path, node.name);
    const isNeeded =
      claims.get(here)?.has(node.name) || !claimed.has(here) || index.keyPlaces(fetch.serviceName, type).has(here);
    if (!isNeeded) return [];
    if (!node.selections) return [node];
    return [{ ...node, selections: keep(node.selections, { ...keeping, path: here }) }];
  });
}

function entitiesField(document: DocumentNode): FieldNode | null {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [field] = operation?.selectionSet.selections ?? [];
  return field?.kind === Kind.FIELD && field.name.value === '_entities' ? field : null;
}
