import type { DeferNode, PlanNode } from '@apollo/query-planner';
import { type PlannedFetch, toPlannedFetch } from '../planned-fetch.ts';
import type { PlanPath } from '../targets.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A fetch and those the plan puts before it. */
export interface OrderedFetch {
  readonly fetch: PlannedFetch;
  /** Everything the plan has finish first, in plan order; by far not all of it is needed. */
  readonly earlier: readonly PlannedFetch[];
}

/** A part of a plan that is answered at once. */
export interface PlanBlock {
  readonly fetches: readonly OrderedFetch[];
  readonly deferred: readonly DeferredPlan[];
}

/** A part of a plan that is answered later. */
export interface DeferredPlan {
  readonly label: string | null;
  /** Keys of the plan down to the objects it is about, without list marks. Absolute. */
  readonly path: readonly string[];
  /** Ids of fetches it waits for. */
  readonly depends: readonly string[];
  readonly block: PlanBlock;
}

/**
 * A plan for one combination of condition variables: conditions decided, paths absolute, documents parsed, and for each
 * fetch what the plan runs before it.
 */
export function readPlan(node: PlanNode, variables: Variables): PlanBlock {
  let count = 0;
  const readBlock = (root: PlanNode | undefined, inherited: readonly PlannedFetch[]): PlanBlock => {
    const fetches: OrderedFetch[] = [];
    const deferred: DeferredPlan[] = [];
    const walk = (current: PlanNode, path: PlanPath, earlier: readonly PlannedFetch[]): PlannedFetch[] => {
      switch (current.kind) {
        case 'Sequence': {
          const done: PlannedFetch[] = [];
          for (const child of current.nodes) done.push(...walk(child, path, [...earlier, ...done]));
          return done;
        }
        case 'Parallel':
          return current.nodes.flatMap((child) => walk(child, path, earlier));
        case 'Flatten':
          return walk(current.node, [...path, ...current.path], earlier);
        case 'Condition': {
          const branch = variables[current.condition] === true ? current.ifClause : current.elseClause;
          return branch ? walk(branch, path, earlier) : [];
        }
        case 'Fetch': {
          const fetch = toPlannedFetch(current, path, count);
          count += 1;
          fetches.push({ fetch, earlier });
          return [fetch];
        }
        case 'Defer':
          return walkDefer(current, path, earlier);
      }
    };
    const walkDefer = ({ primary, deferred: later }: DeferNode, path: PlanPath, earlier: readonly PlannedFetch[]) => {
      const done = primary.node ? walk(primary.node, path, earlier) : [];
      for (const { label, queryPath, depends, node: below } of later)
        deferred.push({
          label: label ?? null,
          path: queryPath,
          depends: depends.map(({ id }) => id),
          block: readBlock(below, [...earlier, ...done]),
        });
      return done;
    };
    if (root) walk(root, [], inherited);
    return { fetches, deferred };
  };
  return readBlock(node, []);
}
