import type { QueryPlan } from '@apollo/query-planner';

/** A plan, with what it cannot bring. */
export interface Plan extends QueryPlan {
  /** Fields of the operation that no fetch brings, as keys from the root: the planner found no way to them. @default none */
  readonly unreachable?: readonly (readonly string[])[];
}
