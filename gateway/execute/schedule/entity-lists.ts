import { print } from 'graphql';
import type { PlannedFetch } from '../planned-fetch.ts';

/** Fetches that ask one subgraph the same about objects represented the same way: they share one list of entities. */
export type AlikeFetches = readonly [PlannedFetch, ...PlannedFetch[]];

/** Sorts fetches into those that can share a list, in order. */
export function groupAlike(fetches: readonly PlannedFetch[]): AlikeFetches[] {
  const lists = new Map<string, [PlannedFetch, ...PlannedFetch[]]>();
  for (const fetch of fetches) {
    const key = likenessOf(fetch);
    const known = lists.get(key);
    if (known) known.push(fetch);
    else lists.set(key, [fetch]);
  }
  return [...lists.values()];
}

function likenessOf({
  requires,
  inputRewrites,
  outputRewrites,
  selection,
  fragments,
  variables,
}: PlannedFetch): string {
  const texts = [print(selection), ...[...fragments.values()].map(print)];
  return JSON.stringify([requires, inputRewrites, outputRewrites, texts, variables]);
}
