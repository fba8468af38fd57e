import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

describe('a planner', () => {
  let planner: Planner;
  afterEach(() => planner.close());

  it('refuses what it cannot plan in time, and serves who waited behind it', async () => {
    planner = createPlanner({ sdl, budgetMs: 600 });
    const [first, killed, next] = await Promise.allSettled(
      [easy, hard('A'), '{me{only_b}}'].map((text) => planner.plan(text)),
    );
    expect(first).toMatchObject({ value: { kind: 'QueryPlan', node: { kind: 'Fetch' } } });
    expect(killed).toMatchObject({ reason: { code: 'QUERY_TOO_COMPLEX' } });
    expect(next).toMatchObject({ value: { kind: 'QueryPlan' } });
  });

  it('survives an operation that eats the memory of its thread', async () => {
    planner = createPlanner({ sdl, budgetMs: 10_000, memoryMb: 40 });
    await expect(planner.plan(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    await expect(planner.plan(easy)).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  it('says that it does not start when the supergraph is none', async () => {
    planner = createPlanner({ sdl: 'type Query { a: Int }', budgetMs: 500 });
    await expect(planner.plan(easy)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a plan cache', () => {
  let planner: Planner;
  let planned: string[];
  const createCache = (limit: number) => {
    const plan = (text: string) => {
      planned.push(text);
      return planner.plan(text);
    };
    const cache = createPlanCache({ planner: { ...planner, plan }, limit });
    return { get: (text: string) => cache.get({ text, labels: [] }) };
  };
  beforeAll(() => {
    planner = createPlanner({ sdl, budgetMs: 600, queueLimit: 2 });
  });
  beforeEach(() => {
    planned = [];
  });
  afterAll(() => planner.close());

  it('shares one planning between concurrent misses and hands out the same plan later', async () => {
    const cache = createCache(10);
    const plans = await Promise.all([1, 2, 3].map(() => cache.get(easy)));
    expect(new Set([...plans, await cache.get(easy)]).size).toBe(1);
    expect(planned).toEqual([easy]);
  });

  it('forgets the plan not used for longest', async () => {
    const cache = createCache(1);
    for (const text of [easy, '{me{only_c}}', easy]) await cache.get(text);
    expect(planned).toEqual([easy, '{me{only_c}}', easy]);
  });

  it('turns away what is over the queue, and keeps no memory of that', async () => {
    const cache = createCache(10);
    const texts = ['{me{a:id}}', '{me{b:id}}', '{me{c:id}}'];
    const outcomes = await Promise.allSettled(texts.map((text) => cache.get(text)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'OVERLOADED' } });
    await expect(cache.get('{me{c:id}}')).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  it('remembers what was too complex', async () => {
    const cache = createCache(10);
    for (const _ of [1, 2]) await expect(cache.get(hard('A'))).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    expect(planned).toEqual([hard('A')]);
  });

  it('keeps few plans of large operations, whatever their number', async () => {
    const plan = { kind: 'QueryPlan' } as const;
    const cache = createPlanCache({ planner: { plan: async () => plan, close: async () => {} }, limit: 2_000 });
    for (let index = 0; index < 100; index += 1) await cache.get({ text: `${index}`.padEnd(200_000, 'x'), labels: [] });
    expect(cache.mostUsed(2_000)).toHaveLength(20);
  });
});
