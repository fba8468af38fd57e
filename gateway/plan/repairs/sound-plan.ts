import type { Supergraph } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { withOwnedSelections, withoutShortcuts } from './owned-selections.ts';
import { listUnsoundFields } from './unsound-fields.ts';

/** There is a plan, but it would bring wrong data. */
export class UnsoundPlan extends Error {
  constructor(fields: readonly string[]) {
    super(`The plan asks subgraphs for fields that they cannot know there: ${fields.join(', ')}.`);
    this.name = 'UnsoundPlan';
  }
}

/**
 * A plan of the operation that asks no subgraph for what it cannot know. `build` plans it; it is called again with less freedom
 * when what it made is not sound, and UnsoundPlan is thrown when that is not either: no answer is better than a wrong one.
 */
export function buildSoundPlan(build: () => QueryPlan, supergraph: Supergraph): QueryPlan {
  const unsound = (plan: QueryPlan) => listUnsoundFields(plan, (name) => supergraph.subgraphs().get(name)?.schema);
  const usual = withOwnedSelections(build);
  const wrong = unsound(usual);
  if (wrong.length === 0) return usual;
  const careful = withoutShortcuts(build);
  if (unsound(careful).length === 0) return careful;
  throw new UnsoundPlan(wrong);
}
