import { afterEach, describe, expect, it } from 'vitest';
import { createPlanCache } from '../../../gateway/plan/plan-cache.ts';
import { createPlanner, type Planner } from '../../../gateway/plan/planner.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

/** A list that three subgraphs share. */
const share = (name: string) => ({
  name,
  sdl: `type Query { me: User @shareable } type User @key(fields: "id") { id: ID! friends: [User!] @shareable only_${name}: Int }`,
});
const { supergraphSdl: sdl } = createTestGraph([share('a'), share('b'), share('c')]);
/** 2^20 fields once expanded; the limits of the engine would refuse it, the planner must survive it. */
const hard = (name: string) => {
  const level = (i: number) => `fragment F${i} on User{a:friends{...F${i + 1}} b:friends{...F${i + 1}}}`;
  const levels = Array.from({ length: 20 }, (_, i) => level(i)).join('');
  return `query ${name}{me{...F0}}${levels}fragment F20 on User{only_a only_b}`;
};
const easy = '{me{id}}';

let planner: Planner;
afterEach(() => planner.close());

describe('a planner', () => {
  it('plans, and refuses what it cannot plan in time, and plans again', async () => {
    planner = createPlanner({ sdl, budgetMs: 150 });
    await expect(planner.plan(easy)).resolves.toMatchObject({ kind: 'QueryPlan', node: { kind: 'Fetch' } });
    await expect(planner.plan(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    await expect(planner.plan('{me{id only_a}}')).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  it('serves those who waited behind the one that was killed', async () => {
    planner = createPlanner({ sdl, budgetMs: 150 });
    const [killed, ...served] = await Promise.allSettled(
      [hard('A'), easy, '{me{only_b}}'].map((text) => planner.plan(text)),
    );
    expect(killed?.status).toBe('rejected');
    expect(served.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('survives an operation that eats the memory of its thread', async () => {
    planner = createPlanner({ sdl, budgetMs: 15_000, memoryMb: 40 });
    await expect(planner.plan(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    await expect(planner.plan(easy)).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  it('turns away what is over its queue', async () => {
    planner = createPlanner({ sdl, budgetMs: 2_000, queueLimit: 2 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => planner.plan(easy)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'OVERLOADED' } });
  });

  it('says that it does not start when the supergraph is none', async () => {
    planner = createPlanner({ sdl: 'type Query { a: Int }', budgetMs: 500 });
    await expect(planner.plan(easy)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a plan cache', () => {
  it('shares one planning between concurrent misses and hands out the same plan later', async () => {
    planner = createPlanner({ sdl, budgetMs: 2_000 });
    let planned = 0;
    const counting: Planner = {
      ...planner,
      plan(text) {
        planned += 1;
        return planner.plan(text);
      },
    };
    const cache = createPlanCache({ planner: counting, limit: 10 });
    const plans = await Promise.all([1, 2, 3].map(() => cache.get(easy)));
    expect(new Set([...plans, await cache.get(easy)]).size).toBe(1);
    expect(planned).toBe(1);
  });

  it('fails an operation that was too complex at once the second time', async () => {
    planner = createPlanner({ sdl, budgetMs: 100 });
    const cache = createPlanCache({ planner, limit: 10 });
    await expect(cache.get(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    const started = performance.now();
    await expect(cache.get(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    expect(performance.now() - started).toBeLessThan(50);
  });

  it('forgets the plan not used for longest', async () => {
    planner = createPlanner({ sdl, budgetMs: 2_000 });
    const cache = createPlanCache({ planner, limit: 1 });
    const first = await cache.get(easy);
    await cache.get('{me{only_c}}');
    expect(await cache.get(easy)).not.toBe(first);
  });
});
