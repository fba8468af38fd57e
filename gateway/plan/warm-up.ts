import { type GraphQLSchema, parse, validate } from 'graphql';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { PlanCache } from './plan-cache.ts';
import type { PlanKey } from './plan-key.ts';

/** How a warm-up went. */
export interface WarmUpFacts {
  readonly planned: number;
  /** Operations the new schema does not answer any more, or that could not be planned. */
  readonly left: number;
}

/**
 * Plans on a new schema what was used most on the old one, one operation after another and behind whoever waits for a plan.
 * Ends early when `signal` is aborted. Never rejects: what cannot be planned is left out.
 */
export async function warmUpPlans(options: {
  readonly plans: PlanCache;
  /** The new API schema. */
  readonly schema: GraphQLSchema;
  readonly keys: readonly PlanKey[];
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
}): Promise<WarmUpFacts> {
  const { plans, schema, keys, signal, logger = silentLogger } = options;
  let planned = 0;
  for (const key of keys) {
    if (signal?.aborted) break;
    // Validation is synchronous work: requests go first.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      if (validate(schema, parse(key.text), undefined, { maxErrors: 1 }).length > 0) continue;
      await plans.prepare(key);
      planned += 1;
    } catch (error) {
      logger.debug({ err: error }, 'An operation was not planned ahead.');
    }
  }
  return { planned, left: keys.length - planned };
}
