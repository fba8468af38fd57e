import type { QueryPlan } from '@apollo/query-planner';
import { type Planner, type PlannerOptions, toRefusal } from '../../gateway/plan/planner.ts';
import { createPlanning } from '../../gateway/plan/planning.ts';

/** Plans in this thread: the same code as the worker's without its start-up, budget and queue. For tests of what plans mean. */
export function createInProcessPlanner({ sdl }: PlannerOptions): Planner {
  const plan = createPlanning(sdl);
  return {
    async plan(...asked: Parameters<typeof plan>) {
      const result = plan(...asked);
      if ('plan' in result) return JSON.parse(result.plan) as QueryPlan;
      throw toRefusal({ reason: result.error, ...result });
    },
    close: async () => {},
  };
}
