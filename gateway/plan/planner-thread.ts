import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../lib/worker-thread.ts';
import type { PlannerWorkerData, PlannerWorkerMessage, PlanningRequest } from './planner-worker.ts';

/** How one attempt to plan ended. After `exhausted` and `failed` the thread is of no further use. */
export type PlanOutcome =
  | { readonly kind: 'planned'; readonly plan: string }
  /** The planner threw: the operation is at fault, the thread goes on. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isUnsound: boolean }
  /** Time or memory ran out while planning. */
  | { readonly kind: 'exhausted'; readonly reason: string }
  /** The thread never became ready. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One planner in one worker thread. One operation at a time. */
export interface PlannerThread {
  /** The budget, in milliseconds, runs from the moment the thread is ready. Never rejects. */
  plan(request: PlanningRequest, budgetMs: number): Promise<PlanOutcome>;
  /** Kills the thread, even in the midst of planning. */
  close(): Promise<void>;
}

/** Starts a thread that builds a planner for `sdl` and keeps at most `memoryMb` of heap. */
export function createPlannerThread({ sdl, memoryMb }: { sdl: string; memoryMb: number }): PlannerThread {
  const worker = startWorker(new URL('./planner-worker.ts', import.meta.url), import.meta.url, {
    workerData: { sdl } satisfies PlannerWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  // A planner at rest must not keep the process alive.
  worker.unref();
  const death = diesOf(worker);
  const ready = Promise.race([nextMessage(worker), death.then((reason) => ({ error: reason }))]);
  return {
    async plan(request, budgetMs) {
      // Somebody waits for this plan: until it is there, the process must stay.
      worker.ref();
      const state = await ready;
      if ('error' in state) return { kind: 'failed', reason: state.error };
      const answer = nextMessage(worker);
      worker.postMessage(request);
      const budget = createBudget(budgetMs);
      try {
        const message = await Promise.race([answer, death, budget.spent]);
        if (typeof message === 'string') return { kind: 'exhausted', reason: message };
        if ('plan' in message) return { kind: 'planned', plan: message.plan };
        if ('error' in message) return { kind: 'refused', reason: message.error, isUnsound: message.isUnsound };
        return { kind: 'refused', reason: 'The planner answered out of turn.', isUnsound: false };
      } finally {
        budget.cancel();
        worker.unref();
      }
    },
    close: async () => void (await worker.terminate()),
  };
}

function nextMessage(worker: Worker): Promise<PlannerWorkerMessage> {
  return new Promise((resolve) => worker.once('message', resolve));
}

function diesOf(worker: Worker): Promise<string> {
  return new Promise((resolve) => {
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', () => resolve('The thread ended.'));
  });
}

function createBudget(budgetMs: number): { spent: Promise<string>; cancel: () => void } {
  let cancel = () => {};
  const spent = new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve('The time budget ran out.'), budgetMs);
    cancel = () => clearTimeout(timer);
  });
  return { spent, cancel };
}
