import type { PlannedFetch } from '../planned-fetch.ts';
import type { DeferredBlock, EntityList, EntityRequest, Schedule, ScheduledRequest } from '../schedule.ts';
import { createWrites, dependenciesOf } from './dependencies.ts';
import { type AlikeFetches, groupAlike } from './entity-lists.ts';
import { groupByLevel } from './levels.ts';
import { isMergeable, mergeOperations, PLAIN_NAMES } from './merge-operations.ts';
import type { DeferredPlan, PlanBlock } from './read-plan.ts';
import { type WriteTree, writesInto } from './writes.ts';

/** What is known of a plan while it is scheduled. */
interface Building {
  readonly requests: ScheduledRequest[];
  readonly requestOf: Map<PlannedFetch, ScheduledRequest>;
  readonly writes: (fetch: PlannedFetch) => WriteTree;
  readonly all: readonly PlannedFetch[];
}

/** Schedules a plan: real dependencies, levels, one request for what is on one level of one subgraph. */
export function buildSchedule(plan: PlanBlock): Schedule {
  const building: Building = { requests: [], requestOf: new Map(), writes: createWrites(), all: allFetches(plan) };
  const { requests, deferred } = addBlock(plan, [], building);
  return { requests: building.requests, primary: requests, deferred };
}

function allFetches({ fetches, deferred }: PlanBlock): PlannedFetch[] {
  return [...fetches.map(({ fetch }) => fetch), ...deferred.flatMap(({ block }) => allFetches(block))];
}

/** `wait` is what every fetch of the block waits for besides its own dependencies. */
function addBlock(block: PlanBlock, wait: readonly PlannedFetch[], building: Building) {
  const dependencies = new Map(
    block.fetches.map((ordered) => [
      ordered.fetch,
      [...new Set([...wait, ...dependenciesOf(ordered, building.writes)])],
    ]),
  );
  const levels = groupByLevel(
    block.fetches.map(({ fetch }) => fetch),
    dependencies,
  );
  const requests = levels.flatMap((groups) =>
    groups.flatMap(splitUnmergeable).map((group) => addRequest(group, dependencies, building)),
  );
  // What a mutation defers comes after the mutation: its root fields are serial, and reads of it must see them all.
  const ownMutation = block.fetches.some(({ fetch }) => fetch.operation.kind === 'mutation');
  const own = ownMutation ? block.fetches.map(({ fetch }) => fetch) : [];
  const deferred = block.deferred.map((later): DeferredBlock => {
    const inside = addBlock(later.block, [...own, ...waitedFor(later, building.all)], building);
    return { label: later.label, path: later.path, ...inside };
  });
  return { requests, deferred };
}

function waitedFor({ depends }: DeferredPlan, all: readonly PlannedFetch[]): PlannedFetch[] {
  return all.filter(({ id }) => id !== null && depends.includes(id));
}

function splitUnmergeable(group: readonly PlannedFetch[]): PlannedFetch[][] {
  const split: PlannedFetch[][] = [];
  for (const fetch of group) {
    const home = split.find(([first]) => first && isMergeable(first, fetch));
    if (home) home.push(fetch);
    else split.push([fetch]);
  }
  return split;
}

function addRequest(
  fetches: readonly PlannedFetch[],
  dependencies: ReadonlyMap<PlannedFetch, readonly PlannedFetch[]>,
  building: Building,
): ScheduledRequest {
  const needed = fetches.flatMap((fetch) => dependencies.get(fetch) ?? []);
  const after = new Set(needed.flatMap((fetch) => building.requestOf.get(fetch) ?? []));
  const base = { index: building.requests.length, after: [...after] };
  const [first] = fetches;
  const request =
    first?.requires === null ? { ...base, ...rootRequest(first) } : { ...base, ...entityRequest(fetches, building) };
  building.requests.push(request);
  for (const fetch of fetches) building.requestOf.set(fetch, request);
  return request;
}

function rootRequest(fetch: PlannedFetch) {
  const { subgraph, operation, variables } = fetch;
  return { kind: 'root' as const, subgraph, operation, variables, fetch };
}

function entityRequest(fetches: readonly PlannedFetch[], building: Building): Omit<EntityRequest, 'index' | 'after'> {
  const alike = groupAlike(fetches);
  const [[first], ...more] = alike as [AlikeFetches, ...AlikeFetches[]];
  const { subgraph } = first;
  const { operation, variables, names } =
    more.length === 0 ? { ...first, names: [PLAIN_NAMES] } : mergeOperations(alike.map(([fetch]) => fetch));
  const lists = alike.map((parts, index) => toList(parts, names[index] ?? PLAIN_NAMES, building));
  return { kind: 'entities', subgraph, operation, variables, lists: lists as [EntityList, ...EntityList[]] };
}

function toList(fetches: AlikeFetches, names: typeof PLAIN_NAMES, building: Building): EntityList {
  const [{ requires, inputRewrites, outputRewrites }] = fetches;
  const parts = fetches.map((fetch) => ({ fetch, isShareable: isShareable(fetch, building) }));
  return {
    ...names,
    requires: requires ?? [],
    inputRewrites,
    outputRewrites,
    parts: parts as unknown as EntityList['parts'],
  };
}

function isShareable(fetch: PlannedFetch, { all, writes }: Building): boolean {
  const composite = [...writes(fetch).children].filter(([, below]) => below.children.size > 0);
  return composite.every(([key]) =>
    all.every((other) => other === fetch || !writesInto(other, writes(other), fetch.path, key)),
  );
}
