import type { PlannedFetch } from '../planned-fetch.ts';
import type { OrderedFetch } from './read-plan.ts';
import { conflicts, delivers, type WriteTree, writesOf } from './writes.ts';

/** What each fetch of a plan sets, computed once. */
export function createWrites(): (fetch: PlannedFetch) => WriteTree {
  const known = new Map<PlannedFetch, WriteTree>();
  return (fetch) => {
    const tree = known.get(fetch) ?? writesOf(fetch);
    known.set(fetch, tree);
    return tree;
  };
}

/**
 * Of what the plan runs before a fetch, that which it really needs: the fetches that deliver the objects it is about or
 * the fields that represent them, and those that set a leaf it sets too, so that the later value stays the later one. A
 * mutation waits for everything before it, and everything after it waits for it: root fields of mutations are serial
 * (GraphQL specification §6.2.2), with all that is below them.
 */
export function dependenciesOf(
  { fetch, earlier }: OrderedFetch,
  writes: (fetch: PlannedFetch) => WriteTree,
): PlannedFetch[] {
  if (fetch.operation.kind === 'mutation') return [...earlier];
  return earlier.filter(
    (other) =>
      other.operation.kind === 'mutation' ||
      delivers(other, writes(other), fetch) ||
      conflicts(other, writes(other), fetch, writes(fetch)),
  );
}
