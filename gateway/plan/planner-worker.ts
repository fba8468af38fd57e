import { parentPort, workerData } from 'node:worker_threads';
import { createPlanning, type PlanningResult } from './planning.ts';

/** What the worker is started with. */
export interface PlannerWorkerData {
  readonly sdl: string;
}

/** What the worker is asked. */
export interface PlanningRequest {
  readonly text: string;
  readonly labels: readonly string[];
}

/** What the worker says: first that it is ready, then one answer an operation, in order. */
export type PlannerWorkerMessage = { readonly ready: true } | PlanningResult;

if (parentPort) {
  const port = parentPort;
  const plan = createPlanning((workerData as PlannerWorkerData).sdl);
  port.on('message', ({ text, labels }: PlanningRequest) => port.postMessage(plan(text, { labels })));
  port.postMessage({ ready: true } satisfies PlannerWorkerMessage);
}
