import type { QueryPlan } from '@apollo/query-planner';
import { AppError } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { createPlannerThread, type PlannerThread } from './planner-thread.ts';

/** Plans operations outside the main thread, within a budget. */
export interface Planner {
  /**
   * The plan of a valid operation. Rejects with AppError QUERY_TOO_COMPLEX when time or memory run out (the thread is
   * killed, a warm spare takes over) and OVERLOADED when too many wait.
   */
  plan(operation: string): Promise<QueryPlan>;
  close(): Promise<void>;
}

/** What a planner is made of. */
export interface PlannerOptions {
  readonly sdl: string;
  /** Milliseconds one operation may take. */
  readonly budgetMs: number;
  /** Operations that may wait for their turn. @default 256 */
  readonly queueLimit?: number;
  /** Heap of a planner thread, in MB. @default 256 */
  readonly memoryMb?: number;
  readonly logger?: Logger;
}

/** The spare starts this much later, so that start-up has the cores for itself. */
const SPARE_DELAY_MS = 3_000;

/** Starts a planner. Returns at once: the first plan waits for the thread, nothing else does. */
export function createPlanner(options: PlannerOptions): Planner {
  const { sdl, budgetMs, queueLimit = 256, memoryMb = 256, logger = silentLogger } = options;
  const start = () => createPlannerThread({ sdl, memoryMb });
  let active: PlannerThread = start();
  let spare: PlannerThread | null = null;
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const warmUp = () => {
    spare ??= start();
  };
  const timer = setTimeout(warmUp, SPARE_DELAY_MS).unref();

  const replace = (reason: string) => {
    logger.warn({ reason }, 'A planner thread was replaced.');
    void active.close();
    active = spare ?? start();
    spare = null;
    warmUp();
  };
  const run = async (operation: string): Promise<QueryPlan> => {
    const outcome = await active.plan(operation, budgetMs);
    if (outcome.kind === 'planned') return JSON.parse(outcome.plan) as QueryPlan;
    if (outcome.kind === 'refused')
      throw new AppError('INTERNAL', 'The operation could not be planned.', { cause: new Error(outcome.reason) });
    replace(outcome.reason);
    if (outcome.kind === 'failed')
      throw new AppError('INTERNAL', 'The planner did not start.', { cause: outcome.reason });
    throw new AppError('QUERY_TOO_COMPLEX', 'The operation could not be planned within its budget.');
  };
  return {
    plan(operation) {
      if (waiting >= queueLimit)
        return Promise.reject(new AppError('OVERLOADED', 'Too many operations wait to be planned.'));
      waiting += 1;
      const planned = turn
        .then(() => run(operation))
        .finally(() => {
          waiting -= 1;
        });
      turn = planned.catch(() => null);
      return planned;
    },
    async close() {
      clearTimeout(timer);
      await Promise.all([active.close(), spare?.close()]);
    },
  };
}
