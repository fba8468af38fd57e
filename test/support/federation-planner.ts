import type { QueryPlan } from '@apollo/query-planner';
import type { Planner, PlannerOptions } from '../../gateway/plan/planner.ts';
import { createPlanning } from '../../gateway/plan/planning.ts';
import { AppError } from '../../lib/errors.ts';

/** Plans in this thread: the same code as the worker's without its start-up, budget and queue. For tests of what plans mean. */
export function createInProcessPlanner({ sdl }: PlannerOptions): Planner {
  const plan = createPlanning(sdl);
  return {
    async plan(...asked: Parameters<typeof plan>) {
      const result = plan(...asked);
      if ('plan' in result) return JSON.parse(result.plan) as QueryPlan;
      throw new AppError('INTERNAL', `The operation could not be planned: ${result.error}`);
    },
    close: async () => {},
  };
}
