import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';

/** The plan of an operation as JSON, or why the planner refused it. */
export type PlanningResult = { readonly plan: string } | { readonly error: string };

/**
 * Apollo's planner for a supergraph that has been validated already. The function never throws, blocks its thread, and has
 * no bound in time or memory: a server runs it in a thread that can be killed (planner-worker.ts).
 */
export function createPlanning(sdl: string): (text: string) => PlanningResult {
  const supergraph = Supergraph.build(sdl, { supportedFeatures: null, validateSupergraph: false });
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  return (text) => {
    try {
      const operation = operationFromDocument(schema, parse(text, { noLocation: true }), { validate: false });
      return { plan: JSON.stringify(planner.buildQueryPlan(operation)) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}
