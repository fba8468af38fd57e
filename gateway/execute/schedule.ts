import type { SubgraphOperation } from '../transport/transport.ts';
import type { PlannedFetch, Requires, Rewrites } from './planned-fetch.ts';

/**
 * How a plan is run for one combination of condition variables: a graph of requests. A request starts as soon as all it
 * waits for have been answered and merged, whatever level the others are on.
 */
export interface Schedule {
  /** All requests, those of deferred blocks included, each after all it waits for. `index` is the place in this list. */
  readonly requests: readonly ScheduledRequest[];
  /** What is answered at once. */
  readonly primary: readonly ScheduledRequest[];
  /** What is answered later (`@defer`). */
  readonly deferred: readonly DeferredBlock[];
}

/** A deferred part of an operation: once for each object at its path. */
export interface DeferredBlock {
  readonly label: string | null;
  /** Keys of the plan down to the objects, without list marks. */
  readonly path: readonly string[];
  readonly requests: readonly ScheduledRequest[];
  /** Parts inside this one. */
  readonly deferred: readonly DeferredBlock[];
}

/** One request to one subgraph. */
export type ScheduledRequest = RootRequest | EntityRequest;

interface RequestBase {
  readonly index: number;
  readonly subgraph: string;
  /** What is sent: the planner's own operation, or several of them merged. One object, so transports may key by it. */
  readonly operation: SubgraphOperation;
  /** The client's variables that it takes. */
  readonly variables: readonly string[];
  /** What must be finished first. */
  readonly after: readonly ScheduledRequest[];
}

/** Root fields of a subgraph, merged into every object at the fetch's path. */
export interface RootRequest extends RequestBase {
  readonly kind: 'root';
  readonly fetch: PlannedFetch;
}

/** Fields of objects known by their keys, in one list or several. */
export interface EntityRequest extends RequestBase {
  readonly kind: 'entities';
  readonly lists: readonly [EntityList, ...EntityList[]];
}

/** A list of entities of one request: each distinct representation in it once, whichever part it comes from. */
export interface EntityList {
  /** The response name of its `_entities` field. */
  readonly responseKey: string;
  /** The variable that takes its representations. */
  readonly variable: string;
  readonly requires: Requires;
  readonly inputRewrites: Rewrites;
  readonly outputRewrites: Rewrites;
  /** Fetches of the plan that this list stands for; all select the same. In plan order. */
  readonly parts: readonly [EntityPart, ...EntityPart[]];
}

/** One fetch of the plan within a list: the objects at its path get what the list answers. */
export interface EntityPart {
  readonly fetch: PlannedFetch;
  /**
   * Whether objects inside an answered entity may be shared by all places it is merged into: nothing else of the plan
   * writes into them.
   */
  readonly isShareable: boolean;
}
