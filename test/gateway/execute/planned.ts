import type { QueryPlan } from '@apollo/query-planner';
import type { ScheduledRequest } from '../../../gateway/execute/schedule.ts';
import { createPlanning } from '../../../gateway/plan/planning.ts';
import { createTestGraph, type TestSubgraph } from '../../support/test-subgraphs.ts';

/** Plans operations of a supergraph without a thread. Throws what the planner refuses. */
export function createPlans(sdl: string): (text: string) => QueryPlan {
  const plan = createPlanning(sdl);
  return (text) => {
    const result = plan(text);
    if ('error' in result) throw new Error(result.error);
    return JSON.parse(result.plan) as QueryPlan;
  };
}

/** The same for subgraphs. */
export function createPlansOf(subgraphs: readonly TestSubgraph[]): (text: string) => QueryPlan {
  return createPlans(createTestGraph(subgraphs).supergraphSdl);
}

/** Requests in short: subgraph and, sorted, the subgraphs of the requests waited for. */
export function outline(requests: readonly ScheduledRequest[]): string[] {
  return requests.map(({ subgraph, after }) => {
    const before = after.map((other) => `${other.subgraph}${other.index}`).sort();
    return before.length === 0 ? subgraph : `${subgraph} after ${before.join(' ')}`;
  });
}
