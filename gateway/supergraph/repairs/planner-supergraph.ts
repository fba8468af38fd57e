import { type DocumentNode, parse } from 'graphql';
import { orderKeys } from './order-keys.ts';
import { type RequirementFields, separateRequirements } from './requirement-fields.ts';

/** Changes with every change to the repairs: plans that were made with others must not be used. */
export const REPAIRS_VERSION = 2;

/**
 * A supergraph as the planner is given it: its own, with those things said differently that the planner gets wrong. Nobody
 * else sees it. docs/planning.md lists the repairs.
 */
export function toPlannerSupergraph(sdl: string): RequirementFields {
  const document: DocumentNode = parse(sdl, { noLocation: true });
  return separateRequirements(orderKeys(document));
}
