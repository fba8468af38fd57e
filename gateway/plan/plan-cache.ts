import type { QueryPlan } from '@apollo/query-planner';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import { AppError } from '../../lib/errors.ts';
import type { Planner } from './planner.ts';

/** Plans by normalised operation. Concurrent misses of one operation share a planning. */
export interface PlanCache {
  get(operation: string): Promise<QueryPlan> | QueryPlan;
}

/** Keeps the `limit` plans used last, and remembers which operations could not be planned: those fail at once. */
export function createPlanCache({ planner, limit }: { planner: Planner; limit: number }): PlanCache {
  const plans = createBoundedCache<QueryPlan>(limit);
  const refusals = createBoundedCache<AppError>(limit);
  const running = new Map<string, Promise<QueryPlan>>();

  const planAnew = async (operation: string): Promise<QueryPlan> => {
    try {
      const plan = await planner.plan(operation);
      plans.set(operation, plan);
      return plan;
    } catch (error) {
      if (error instanceof AppError && error.code === 'QUERY_TOO_COMPLEX') refusals.set(operation, error);
      throw error;
    } finally {
      running.delete(operation);
    }
  };
  return {
    get(operation) {
      const plan = plans.get(operation) ?? running.get(operation);
      if (plan) return plan;
      const refusal = refusals.get(operation);
      if (refusal) return Promise.reject(refusal);
      const planning = planAnew(operation);
      running.set(operation, planning);
      return planning;
    },
  };
}
