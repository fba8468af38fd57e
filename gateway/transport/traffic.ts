import type { HeaderRules } from './header-rules.ts';

/** When a query is sent again. Mutations never are. */
export interface RetryRules {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** The longest pause before the second try, in milliseconds; it doubles with each, and the pause is random below it. */
  readonly firstPauseMs: number;
  /** The longest pause ever; a longer `Retry-After` is not waited for. */
  readonly maxPauseMs: number;
  /** Retries for each call that this subgraph gets, over time: what retries may add to its load. */
  readonly budget: number;
}

/** When a subgraph counts as down and is spared. */
export interface BreakerRules {
  /** How far back failures count, in milliseconds. */
  readonly windowMs: number;
  /** Fewer calls than this within the window say nothing. */
  readonly minCalls: number;
  /** The share of failed calls, from 0 to 1, from which it opens. */
  readonly failureShare: number;
  /** For how long nothing is sent once it is open, in milliseconds; then one call at a time is let through to see. */
  readonly openMs: number;
}

/** How many calls to a subgraph run at once, and how many wait for that, first come first served. */
export interface ConcurrencyRules {
  readonly limit: number;
  /** Calls beyond it are refused. */
  readonly queue: number;
}

/** How a subgraph is called: plain data, as it stands in a configuration file. */
export interface SubgraphTraffic {
  /** Milliseconds for one call: waiting, tries and pauses together. */
  readonly timeoutMs?: number;
  /** Milliseconds for one try; null: as long as the call. */
  readonly tryTimeoutMs?: number | null;
  /** Milliseconds until a connection must stand, TLS included. */
  readonly connectTimeoutMs?: number;
  /** Bytes of one answer, inflated. More is refused while it is read. */
  readonly maxResponseBytes?: number;
  /** Kept-alive connections at most. */
  readonly connections?: number;
  /** For how long an unused connection is kept where the server does not say, in milliseconds. */
  readonly idleMs?: number;
  /** Requests after which a connection is replaced; null: never. */
  readonly connectionRequests?: number | null;
  /** Age at which a connection is replaced, in milliseconds; null: never. */
  readonly connectionAgeMs?: number | null;
  readonly concurrency?: false | Partial<ConcurrencyRules>;
  readonly breaker?: false | Partial<BreakerRules>;
  readonly retry?: false | Partial<RetryRules>;
  /** Whether equal queries under way for the same caller share one exchange. */
  readonly dedupe?: boolean;
  /** Whether compressed answers are asked for. One that comes unasked is read all the same. */
  readonly compression?: boolean;
  readonly headers?: HeaderRules;
}

/** `SubgraphTraffic` with nothing left open. */
export interface Traffic {
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number | null;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly connections: number;
  readonly idleMs: number;
  readonly connectionRequests: number | null;
  readonly connectionAgeMs: number | null;
  readonly concurrency: false | ConcurrencyRules;
  readonly breaker: false | BreakerRules;
  readonly retry: false | RetryRules;
  readonly dedupe: boolean;
  readonly compression: boolean;
  readonly headers: HeaderRules;
}

/** What holds where nothing is said. docs/transport.md has the table. */
export const DEFAULT_TRAFFIC = {
  timeoutMs: 10_000,
  tryTimeoutMs: null,
  connectTimeoutMs: 2_000,
  maxResponseBytes: 10_000_000,
  connections: 64,
  idleMs: 4_000,
  connectionRequests: null,
  connectionAgeMs: null,
  concurrency: { limit: 256, queue: 1_000 },
  breaker: { windowMs: 10_000, minCalls: 20, failureShare: 0.5, openMs: 5_000 },
  retry: { attempts: 2, firstPauseMs: 50, maxPauseMs: 2_000, budget: 0.2 },
  dedupe: false,
  compression: false,
  headers: {},
} as const satisfies Traffic;

type Rules = 'concurrency' | 'breaker' | 'retry';

/** What one level says of a group of rules, over what the level below it said. Any word on them switches them on again. */
function over<Group extends object>(below: false | Group, own: false | Partial<Group> | undefined, defaults: Group) {
  if (own === undefined || own === false) return own ?? below;
  return { ...(below === false ? defaults : below), ...own };
}

function headersOver(all: HeaderRules = {}, own: HeaderRules = {}): HeaderRules {
  return {
    forward: [...(all.forward ?? []), ...(own.forward ?? [])],
    rename: { ...all.rename, ...own.rename },
    set: { ...all.set, ...own.set },
  };
}

/** A subgraph's own rules over those for all, over the defaults. Groups merge member by member; lists of headers add up. */
export function toTraffic(all: SubgraphTraffic = {}, own: SubgraphTraffic = {}): Traffic {
  function group<Name extends Rules>(name: Name) {
    const defaults = DEFAULT_TRAFFIC[name] as Exclude<Traffic[Name], false>;
    const [general, particular] = [all[name], own[name]] as (false | Partial<typeof defaults> | undefined)[];
    return over(over(defaults, general, defaults), particular, defaults);
  }
  return {
    ...DEFAULT_TRAFFIC,
    ...all,
    ...own,
    concurrency: group('concurrency') as Traffic['concurrency'],
    breaker: group('breaker') as Traffic['breaker'],
    retry: group('retry') as Traffic['retry'],
    headers: headersOver(all.headers, own.headers),
  };
}
