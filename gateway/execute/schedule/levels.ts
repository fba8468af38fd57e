import type { PlannedFetch } from '../planned-fetch.ts';

/**
 * Puts fetches on levels so that each is above all it waits for and the number of levels is the least possible. Entity
 * fetches go as late as that allows, and join an earlier one of the same subgraph where their slack reaches down to it:
 * those of one subgraph on one level become one request. Fetches of root fields stay alone, hence early.
 *
 * @returns levels from the first to the last, each a list of groups; a group is one request
 */
export function groupByLevel(
  fetches: readonly PlannedFetch[],
  dependencies: ReadonlyMap<PlannedFetch, readonly PlannedFetch[]>,
): PlannedFetch[][][] {
  const latest = latestLevels(fetches, dependencies);
  const levels: Map<string, PlannedFetch[]>[] = [];
  const placed = new Map<PlannedFetch, number>();
  const order = [...fetches].sort(
    (one, other) => levelOf(latest, one) - levelOf(latest, other) || one.index - other.index,
  );
  for (const fetch of order) {
    const earliest = 1 + Math.max(-1, ...(dependencies.get(fetch) ?? []).map((other) => placed.get(other) ?? -1));
    const key = groupKey(fetch);
    const level = fetch.requires ? joinable(levels, key, earliest, levelOf(latest, fetch)) : earliest;
    placed.set(fetch, level);
    while (levels.length <= level) levels.push(new Map());
    const groups = levels[level];
    groups?.set(key, [...(groups.get(key) ?? []), fetch]);
  }
  return levels.map((groups) => [...groups.values()]);
}

/** The last level in reach that has a group to join; else the last in reach. */
function joinable(
  levels: readonly ReadonlyMap<string, unknown>[],
  key: string,
  earliest: number,
  latest: number,
): number {
  for (let level = latest; level >= earliest; level -= 1) if (levels[level]?.has(key)) return level;
  return latest;
}

function groupKey(fetch: PlannedFetch): string {
  return fetch.requires ? `entities ${fetch.subgraph}` : `root ${fetch.index}`;
}

function levelOf(levels: ReadonlyMap<PlannedFetch, number>, fetch: PlannedFetch): number {
  return levels.get(fetch) ?? 0;
}

/** The last level each fetch may be on, counted from 0, when no path of dependencies may become longer. */
function latestLevels(
  fetches: readonly PlannedFetch[],
  dependencies: ReadonlyMap<PlannedFetch, readonly PlannedFetch[]>,
): Map<PlannedFetch, number> {
  const earliest = new Map<PlannedFetch, number>();
  // In plan order each fetch comes after all it waits for.
  for (const fetch of fetches)
    earliest.set(fetch, 1 + Math.max(-1, ...(dependencies.get(fetch) ?? []).map((other) => earliest.get(other) ?? -1)));
  const last = Math.max(0, ...earliest.values());
  const latest = new Map(fetches.map((fetch) => [fetch, last]));
  for (const fetch of [...fetches].reverse())
    for (const other of dependencies.get(fetch) ?? [])
      if (latest.has(other)) latest.set(other, Math.min(levelOf(latest, other), levelOf(latest, fetch) - 1));
  return latest;
}
