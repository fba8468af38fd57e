import { buildSchema } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlanCache } from '../../../gateway/plan/plan-cache.ts';
import { createPlanner, type Planner } from '../../../gateway/plan/planner.ts';
import { warmUpPlans } from '../../../gateway/plan/warm-up.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

const schema = buildSchema('type Query { a: Int b: Int c: Int }');
const { supergraphSdl: sdl } = createTestGraph([{ name: 'x', sdl: 'type Query { a: Int b: Int c: Int }' }]);
const key = (text: string) => ({ text, labels: [] });

describe('warming up', () => {
  let planner: Planner;
  afterEach(() => planner.close());

  it('plans what was used most, without what the new schema lacks', async () => {
    planner = createPlanner({ sdl, budgetMs: 5_000 });
    const old = createPlanCache({ planner, limit: 10 });
    for (const text of ['{a}', '{b}', '{b}', '{c}', '{b}', '{c}']) await old.get(key(text));
    expect(old.mostUsed(2).map(({ text }) => text)).toEqual(['{b}', '{c}']);
    const plans = createPlanCache({ planner, limit: 10 });
    const keys = [...old.mostUsed(2), key('{gone}'), key('not graphql')];
    expect(await warmUpPlans({ plans, schema, keys })).toEqual({ planned: 2, left: 2 });
    expect(plans.get(key('{b}'))).not.toBeInstanceOf(Promise);
    const unknown = plans.get(key('{a}'));
    expect(unknown).toBeInstanceOf(Promise);
    await unknown;
  });

  it('lets requests go first, and ends when told to', async () => {
    planner = createPlanner({ sdl, budgetMs: 5_000 });
    const order: string[] = [];
    const plan = (text: string, background: boolean) => planner.plan(text, { background }).then(() => order.push(text));
    await Promise.all([plan('{a}', false), plan('{x:b}', true), plan('{y:b}', true), plan('{c}', false)]);
    expect(order).toEqual(['{a}', '{c}', '{x:b}', '{y:b}']);
    const plans = createPlanCache({ planner, limit: 10 });
    const signal = AbortSignal.abort();
    expect(await warmUpPlans({ plans, schema, keys: [key('{a}')], signal })).toEqual({ planned: 0, left: 1 });
  });

  it('is refused with a code once the planner is closed, whoever waits', async () => {
    planner = createPlanner({ sdl, budgetMs: 5_000 });
    const waiting = Promise.allSettled([planner.plan('{a}'), planner.plan('{b}')]);
    await planner.close();
    for (const outcome of await waiting) expect(outcome).toMatchObject({ reason: { code: 'INTERNAL' } });
    await expect(planner.plan('{c}')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
