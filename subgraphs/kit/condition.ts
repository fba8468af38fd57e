import type { Condition } from './row.ts';

/**
 * The condition that all of them hold, as flat as it gets: an index is chosen by the fields at the top. `{}` holds always.
 */
export function conjunction(conditions: readonly Condition[]): Condition {
  const merged: Record<string, unknown> = {};
  const rest: Condition[] = [];
  for (const condition of conditions.flatMap(members)) {
    if (Object.keys(condition).some((key) => key in merged)) rest.push(condition);
    else Object.assign(merged, condition);
  }
  return rest.length === 0 ? merged : { ...merged, $and: rest };
}

/** The condition that at least one of them holds. None of no conditions does. */
export function disjunction(conditions: readonly Condition[]): Condition {
  const [only] = conditions;
  if (conditions.length === 1 && only) return only;
  return conditions.length === 0 ? { _id: { $in: [] } } : { $or: conditions };
}

function members(condition: Condition): Condition[] {
  const { $and: inner, ...own } = condition;
  if (!Array.isArray(inner)) return [condition];
  return [own, ...(inner as Condition[]).flatMap(members)];
}
