import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type FieldNode, Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { RequirementField } from '../../supergraph/repairs/requirement-fields.ts';
import { mapFetches } from './map-plan.ts';
import type { RequirementIndex } from './requirement-index.ts';
import { splitFetch } from './split-fetch.ts';

type KeyRenamer = Extract<NonNullable<FetchNode['inputRewrites']>[number], { kind: 'KeyRenamer' }>;

/**
 * Puts a plan right that was made with requirement fields (supergraph/repairs/requirement-fields.ts): they are fetched as
 * `_c_1_price: price(currency: "USD")`, and handed over as `price` by an input rewrite. A fetch that would hand two of them
 * over under one name becomes two fetches side by side.
 */
export function repairRequirements(plan: QueryPlan, index: RequirementIndex): QueryPlan {
  if (index.empty) return plan;
  return mapFetches(plan, (fetch) =>
    splitFetch(fetch, index).map((part) => withRenames(withArguments(part, index.fields), index.fields)),
  );
}

function withArguments(fetch: FetchNode, fields: RequirementIndex['fields']): FetchNode {
  if (!/\b_c_\d+_/.test(fetch.operation)) return fetch;
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Field: (node) => toOriginal(node, fields.get(node.name.value)),
  });
  return { ...fetch, operation: stripIgnoredCharacters(print(document)) };
}

function toOriginal(node: FieldNode, field: RequirementField | undefined): FieldNode | undefined {
  if (!field) return undefined;
  return {
    ...node,
    alias: node.alias ?? node.name,
    name: { kind: Kind.NAME, value: field.original },
    arguments: field.arguments,
  };
}

function withRenames(fetch: FetchNode, fields: RequirementIndex['fields']): FetchNode {
  const renames = renamesOf(fetch.requires ?? [], [], fields);
  if (renames.length === 0) return fetch;
  // Before the others: one of those may set `__typename`, by which the paths of ours find their way.
  return { ...fetch, inputRewrites: [...renames, ...(fetch.inputRewrites ?? [])] };
}

/** Inner ones first, because the path to them has the outer ones' names. */
function renamesOf(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
  fields: RequirementIndex['fields'],
): KeyRenamer[] {
  return selections.flatMap((node): KeyRenamer[] => {
    if (node.kind === 'InlineFragment') {
      const condition = node.typeCondition === undefined ? [] : [`... on ${node.typeCondition}`];
      return renamesOf(node.selections, [...path, ...condition], fields);
    }
    const key = node.alias ?? node.name;
    const inner = renamesOf(node.selections ?? [], [...path, key], fields);
    const field = fields.get(node.name);
    if (!field) return inner;
    return [...inner, { kind: 'KeyRenamer', path: [...path, key], renameKeyTo: field.original }];
  });
}
