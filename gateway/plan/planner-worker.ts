import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';

/** What the worker is started with. */
export interface PlannerWorkerData {
  readonly sdl: string;
}

/** What the worker says: first that it is ready, then one answer an operation, in order. */
export type PlannerWorkerMessage = { readonly ready: true } | { readonly plan: string } | { readonly error: string };

if (parentPort) {
  const port = parentPort;
  const { sdl } = workerData as PlannerWorkerData;
  // The main thread has validated the document already.
  const supergraph = Supergraph.build(sdl, { supportedFeatures: null, validateSupergraph: false });
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  const plan = (text: string): PlannerWorkerMessage => {
    try {
      const operation = operationFromDocument(schema, parse(text, { noLocation: true }), { validate: false });
      return { plan: JSON.stringify(planner.buildQueryPlan(operation)) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on('message', (text: string) => port.postMessage(plan(text)));
  port.postMessage({ ready: true } satisfies PlannerWorkerMessage);
}
