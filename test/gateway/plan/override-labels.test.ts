import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeLabels } from '../../../gateway/supergraph/override-labels.ts';
import { contextOf, type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';

const thing = { __resolveReference: (thing: object) => thing };
const subgraphs = [
  {
    name: 'old',
    sdl: 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! f: String g: String }',
    resolvers: { Query: { thing: () => ({ id: '1' }) }, Thing: { ...thing, f: () => 'old', g: () => 'old' } },
  },
  {
    name: 'new',
    sdl: `type Thing @key(fields: "id") { id: ID!
      f: String @override(from: "old", label: "percent(25)") g: String @override(from: "old", label: "beta") }`,
    resolvers: { Thing: { ...thing, f: () => 'new', g: () => 'new' } },
  },
];

describe('labels of @override', () => {
  let ours: EngineUnderTest;
  beforeAll(async () => {
    const overrideLabel = (label: string, context?: { identity: unknown }) =>
      label === 'beta' && context?.identity !== null;
    ours = await openEngine(subgraphs, { planner: createInProcessPlanner, overrideLabel });
  });
  afterAll(() => ours.engine.close());

  const ask = async (requestId: string, identity: ReturnType<typeof contextOf>['identity'] = null) => {
    const context = { ...contextOf(identity), requestId };
    const operation = await ours.engine.prepare({ query: '{ thing { f g } }' }, identity, context);
    const { data } = (await ours.engine.execute(operation, context)).result;
    return { ...(data as { thing: { f: string; g: string } }).thing, plan: operation.plan };
  };

  it('are on for their percentage of requests, the same ones each time', async () => {
    const ids = Array.from({ length: 400 }, (_, index) => `request-${index}`);
    const answers = await Promise.all(ids.map((id) => ask(id)));
    const moved = answers.filter(({ f }) => f === 'new').length;
    expect(moved).toBeGreaterThan(60);
    expect(moved).toBeLessThan(140);
    expect((await Promise.all(ids.map((id) => ask(id)))).map(({ f }) => f)).toEqual(answers.map(({ f }) => f));
    expect(new Set(answers.map(({ plan }) => plan)).size).toBe(2);
  });

  it('are on when the gateway chooses them, with a plan of their own', async () => {
    const someone = { subject: 'u', tenant: 't', roles: [], scopes: [], expiresAt: 1e15, tokenId: null };
    const [theirs, plain] = [await ask('request-1', someone), await ask('request-1')];
    expect([theirs.g, plain.g]).toEqual(['new', 'old']);
    expect(theirs.plan).not.toBe(plain.plan);
  });

  it('of larger percentages hold whenever smaller ones do', () => {
    const labels = ['percent(0)', 'percent(10)', 'percent(50.5)', 'percent(100)'];
    const sets = Array.from({ length: 200 }, (_, seed) => activeLabels(labels, `${seed}`).join());
    expect([...new Set(sets)].sort()).toEqual([
      'percent(10),percent(50.5),percent(100)',
      'percent(100)',
      'percent(50.5),percent(100)',
    ]);
  });
});
