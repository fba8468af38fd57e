import { conjunction, disjunction } from './condition.ts';
import type { Condition } from './row.ts';

/** A field a list can be ordered by. */
export interface OrderField {
  readonly path: string;
  readonly kind: 'text' | 'number' | 'date';
  /** Whether rows may have null there; null comes first when ascending. */
  readonly nullable?: boolean;
}

/** One step of an order. */
export interface OrderStep extends OrderField {
  readonly direction: 1 | -1;
}

/** A value a row is ordered by. */
export type SortValue = string | number | Date | null;

/** The sort as MongoDB takes it; the id comes last, so that no two rows stand at the same place. */
export function toSort(steps: readonly OrderStep[]): Record<string, 1 | -1> {
  const sort: Record<string, 1 | -1> = {};
  for (const { path, direction } of steps) sort[path] ??= direction;
  return { ...sort, _id: steps.at(-1)?.direction ?? 1 };
}

/** The values a row is ordered by, its id last. */
export function sortValuesOf(steps: readonly OrderStep[], row: object): SortValue[] {
  const fields = row as Record<string, SortValue | undefined>;
  return [...steps.map(({ path }) => fields[path] ?? null), fields['_id'] ?? null];
}

/** The condition that a row stands behind the place given by these values. */
export function behind(steps: readonly OrderStep[], values: readonly SortValue[]): Condition {
  const keys: readonly OrderStep[] = [...steps, { path: '_id', kind: 'text', direction: steps.at(-1)?.direction ?? 1 }];
  const alternatives = keys.flatMap((key, index): Condition[] => {
    const beyond = isBeyond(key, values[index] ?? null);
    if (!beyond) return [];
    const same = keys.slice(0, index).map(({ path }, earlier) => ({ [path]: values[earlier] ?? null }));
    return [conjunction([...same, beyond])];
  });
  const [first] = keys;
  const bound = first && firstBound(first, values[0] ?? null);
  return conjunction([bound ?? {}, disjunction(alternatives)]);
}

function isBeyond({ path, direction, nullable }: OrderStep, value: SortValue): Condition | null {
  if (value === null) return direction === 1 ? { [path]: { $ne: null } } : null;
  if (direction === 1) return { [path]: { $gt: value } };
  return nullable ? { $or: [{ [path]: { $lt: value } }, { [path]: null }] } : { [path]: { $lt: value } };
}

/** Implied by the alternatives; said again because an index can start from it. */
function firstBound({ path, direction, nullable }: OrderStep, value: SortValue): Condition | null {
  if (value === null || (direction === -1 && nullable)) return null;
  return { [path]: direction === 1 ? { $gte: value } : { $lte: value } };
}
