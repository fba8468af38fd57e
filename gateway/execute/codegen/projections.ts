import { type GraphQLSchema, isAbstractType } from 'graphql';
import type { Requires, Rewrites } from '../planned-fetch.ts';
import { meetsTypeCondition } from '../type-conditions.ts';

/** How objects of one type are represented, where that is nothing but some of their leaves. */
export interface TypeProjection {
  readonly typename: string;
  /** The `__typename` the subgraph is told: another one for interface objects. */
  readonly sent: string;
  /** Besides `__typename`. */
  readonly fields: readonly string[];
}

/** More types than this in one list are represented the general way. */
const TYPE_LIMIT = 12;

/** For each concrete type a requirement speaks of, what represents it; types that need more than leaves are left out. */
export function projectionsOf(schema: GraphQLSchema, requires: Requires, rewrites: Rewrites): TypeProjection[] {
  if (!rewrites.every(setsTypename)) return [];
  const names = requires.flatMap((selection) =>
    selection.kind === 'InlineFragment' && selection.typeCondition
      ? concreteNames(schema, selection.typeCondition)
      : [],
  );
  const types = [...new Set(names)];
  if (types.length > TYPE_LIMIT) return [];
  return types.flatMap((typename) => {
    const fields = leavesOf(schema, requires, typename);
    if (!fields?.delete('__typename') || fields.size === 0) return [];
    return { typename, sent: sentName(schema, typename, rewrites), fields: [...fields] };
  });
}

function concreteNames(schema: GraphQLSchema, condition: string): string[] {
  const type = schema.getType(condition);
  if (!type) return [];
  return isAbstractType(type) ? [condition, ...schema.getPossibleTypes(type).map(({ name }) => name)] : [type.name];
}

/** Null when something other than a leaf is required. */
function leavesOf(schema: GraphQLSchema, selections: Requires, typename: string): Set<string> | null {
  const leaves = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      if (selection.selections) return null;
      leaves.add(selection.alias ?? selection.name);
      continue;
    }
    if (selection.typeCondition && !meetsTypeCondition(schema, typename, selection.typeCondition)) continue;
    const below = leavesOf(schema, selection.selections, typename);
    if (!below) return null;
    for (const key of below) leaves.add(key);
  }
  return leaves;
}

function setsTypename(rewrite: Rewrites[number]): boolean {
  const [condition, key, more] = rewrite.path;
  if (rewrite.kind !== 'ValueSetter' || typeof rewrite.setValueTo !== 'string' || more !== undefined) return false;
  return condition?.startsWith('... on ') === true && key === '__typename';
}

function sentName(schema: GraphQLSchema, typename: string, rewrites: Rewrites): string {
  let sent = typename;
  for (const rewrite of rewrites) {
    const condition = rewrite.path[0]?.slice('... on '.length) ?? '';
    if (rewrite.kind === 'ValueSetter' && meetsTypeCondition(schema, sent, condition))
      sent = String(rewrite.setValueTo);
  }
  return sent;
}
