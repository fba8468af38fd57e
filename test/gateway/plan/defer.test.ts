import type { DeferNode } from '@apollo/query-planner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShapedOperation } from '../../../gateway/plan/prepare.ts';
import { type EngineUnderTest, identityWith, openEngine } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';

const subgraphs = [
  {
    name: 'a',
    sdl: `type Query { user: User } type Mutation { rename: User } type Subscription { renamed: User }
      type User @key(fields: "id") { id: ID! name: String }`,
  },
  {
    name: 'b',
    sdl: 'type User @key(fields: "id") { id: ID! posts: [String!] secret: String @requiresScopes(scopes: [["s"]]) }',
  },
];

describe('@defer', () => {
  let ours: EngineUnderTest;
  beforeAll(async () => {
    ours = await openEngine(subgraphs, { planner: createInProcessPlanner });
  });
  afterAll(() => ours.engine.close());
  const prepare = async (query: string, incremental: boolean, variables = {}) =>
    (await ours.engine.prepare({ query, incremental, variables }, identityWith('x'))) as ShapedOperation;

  it('is planned when the client takes parts later, under labels of ours that lead back to the client', async () => {
    const query = '{ user { id ...P @defer(label: "posts") ... @defer { name } } } fragment P on User { posts }';
    const { plan, deferLabels } = await prepare(query, true);
    expect(plan?.node?.kind).toBe('Defer');
    const node = plan?.node as DeferNode | undefined;
    const labels = node?.deferred.map(({ label }) => deferLabels.get(label ?? ''));
    expect(new Set(labels)).toEqual(new Set(['posts', null]));
  });

  it('shares plans between labels, and keeps two places of one fragment apart', async () => {
    const [one, other] = [
      await prepare('{ user { id ... @defer(label: "x") { posts } } }', true),
      await prepare('{ user { id ... @defer(label: "y") { posts } } }', true),
    ];
    expect(other.plan).toBe(one.plan);
    expect([one, other].map(({ deferLabels }) => [...deferLabels.values()])).toEqual([['x'], ['y']]);
    const twice = await prepare(
      '{ user { ...F } u: user { ...F } } fragment F on User { ... @defer(label: "z") { posts } }',
      true,
    );
    expect([...twice.deferLabels.values()]).toEqual(['z', 'z']);
  });

  it('changes nothing where the client does not take parts, nor where it is off', async () => {
    const plain = await prepare('{ user { id posts } }', false);
    expect((await prepare('{ user { id ... @defer { posts } } }', false)).plan).toBe(plain.plan);
    expect((await prepare('{ user { id ... @defer(if: false) { posts } } }', true)).plan).toBe(plain.plan);
    expect((await prepare('{ user { id posts } }', true)).plan).toBe(plain.plan);
    const maybe = await prepare('query($on: Boolean!) { user { id ... @defer(if: $on) { posts } } }', true, {
      on: true,
    });
    expect(maybe.plan?.node?.kind).toBe('Condition');
  });

  it('puts off no more than 16 selections: each costs a part for every item of a list', async () => {
    const some = (count: number) =>
      `{ user { id ${Array.from({ length: count }, (_, index) => `... @defer { n${index}: name }`).join(' ')} } }`;
    expect((await prepare(some(16), true)).deferLabels.size).toBe(16);
    expect((await prepare(some(60), true)).deferLabels.size).toBe(16);
  });

  it('keeps denied fields denied', async () => {
    const { plan, denied } = await prepare('{ user { id ... @defer { posts secret } } }', true);
    expect(JSON.stringify(plan)).not.toContain('secret');
    expect(denied).toMatchObject([{ path: ['user', 'secret'], extensions: { code: 'FORBIDDEN' } }]);
  });

  it.each([
    ['subscription { renamed { id ... @defer { name } } }', 'on subscriptions'],
    [
      'subscription { ...R } fragment R on Subscription { renamed { ... @defer { name } } }',
      'in fragments of subscriptions',
    ],
    ['mutation { ... @defer { rename { id } } }', 'on root fields of mutations'],
    ['{ user { ... @defer(label: "x") { id } ... @defer(label: "x") { name } } }', 'twice under one label'],
    ['query($l: String) { user { ... @defer(label: $l) { id } } }', 'under a label that varies'],
  ])('is refused: %s (%s)', async (query) => {
    for (const incremental of [true, false])
      await expect(prepare(query, incremental)).rejects.toMatchObject({
        errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      });
  });

  it('may be switched off on subscriptions', async () => {
    const query = 'subscription($on: Boolean!) { renamed { id ... @defer(if: $on) { name } } }';
    expect((await prepare(query, true, { on: true })).plan?.node?.kind).toBe('Subscription');
  });
});
