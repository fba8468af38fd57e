import { createBoundedCache } from '../../lib/bounded-cache.ts';
import { AppError } from '../../lib/errors.ts';
import { CACHED_CHARACTERS } from './cached-characters.ts';
import type { Plan } from './plan.ts';
import { type PlanKey, toCacheKey } from './plan-key.ts';
import type { PlanStore } from './plan-store.ts';
import type { Planner } from './planner.ts';

/** Plans by operation in normal form. Concurrent misses of one operation share a planning. */
export interface PlanCache {
  get(key: PlanKey): Promise<Plan> | Plan;
  /** Plans ahead of use, once nobody waits for a plan. Rejects as `get` does. */
  prepare(key: PlanKey): Promise<void>;
  /** The keys used most, most used first, `limit` at most. */
  mostUsed(limit: number): readonly PlanKey[];
}

interface Entry {
  readonly key: PlanKey;
  readonly plan: Plan;
  uses: number;
}

/** What a plan cache is made of. */
export interface PlanCacheOptions {
  readonly planner: Planner;
  /** Plans kept; the one not used for longest leaves first. */
  readonly limit: number;
  /** Plans of earlier processes; absent: every miss is planned. */
  readonly stored?: { readonly store: PlanStore; readonly schemaHash: string };
}

/** Keeps the plans used last, and remembers which operations could not be planned: those fail at once. */
export function createPlanCache({ planner, limit, stored }: PlanCacheOptions): PlanCache {
  const entries = createBoundedCache<Entry>(limit, { keyLength: CACHED_CHARACTERS });
  const refusals = createBoundedCache<AppError>(limit, { keyLength: CACHED_CHARACTERS });
  const running = new Map<string, Promise<Plan>>();

  const planAnew = async (key: PlanKey, background: boolean): Promise<Plan> => {
    const id = toCacheKey(key);
    const saved = await stored?.store.load(stored.schemaHash, id);
    if (saved) return JSON.parse(saved) as Plan;
    const plan = await planner.plan(key.text, { labels: key.labels, background });
    // Nobody waits for the disk, and a plan that is not saved is made again.
    void stored?.store.save(stored.schemaHash, id, JSON.stringify(plan));
    return plan;
  };
  const fill = async (key: PlanKey, background: boolean): Promise<Plan> => {
    const id = toCacheKey(key);
    try {
      const plan = await planAnew(key, background);
      entries.set(id, { key, plan, uses: 1 });
      return plan;
    } catch (error) {
      if (error instanceof AppError && error.code === 'QUERY_TOO_COMPLEX') refusals.set(id, error);
      throw error;
    } finally {
      running.delete(id);
    }
  };
  const get = (key: PlanKey, background: boolean): Promise<Plan> | Plan => {
    const id = toCacheKey(key);
    const entry = entries.get(id);
    if (entry) {
      entry.uses += 1;
      return entry.plan;
    }
    const known = running.get(id);
    if (known) return known;
    const refusal = refusals.get(id);
    if (refusal) return Promise.reject(refusal);
    const filling = fill(key, background);
    running.set(id, filling);
    return filling;
  };
  return {
    get: (key) => get(key, false),
    prepare: async (key) => void (await get(key, true)),
    mostUsed: (most) =>
      [...entries.values()]
        .sort((one, other) => other.uses - one.uses)
        .slice(0, most)
        .map(({ key }) => key),
  };
}
