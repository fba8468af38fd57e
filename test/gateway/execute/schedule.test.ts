import { existsSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { scheduleOf } from '../../../gateway/execute/schedule/schedule-of.ts';
import { createPlans, createPlansOf, outline } from './planned.ts';

const planned = createPlansOf([
  {
    name: 'shop',
    sdl: `type Query { carts: [Cart!] cart: Cart }
      type Mutation { buy: Cart sell: Cart }
      type Cart @key(fields: "id") { id: ID! product: Product owner: Owner }
      type Product @key(fields: "upc", resolvable: false) { upc: ID! }
      type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  {
    name: 'catalog',
    sdl: `type Query { top: [Product] } type Mutation { restock: Product }
      type Product @key(fields: "upc") { upc: ID! price: Int weight: Int maker: Owner title(lang: String): String }
      type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  {
    name: 'stock',
    sdl: `type Product @key(fields: "upc") {
        upc: ID! price: Int @external inStock: Boolean fee: Int @requires(fields: "price")
      }`,
  },
  { name: 'people', sdl: 'type Query { me: Owner } type Owner @key(fields: "id") { id: ID! name: String age: Int }' },
]);
const scheduled = (text: string) => scheduleOf(planned(text), {});

describe('a schedule', () => {
  it('waits for data, not for what the plan happens to put before', () => {
    expect(outline(scheduled('{ cart { product { inStock price } } }').requests)).toEqual([
      'shop',
      'catalog after shop0',
      'stock after shop0',
    ]);
  });

  it('waits for the fields that a fetch requires', () => {
    expect(outline(scheduled('{ cart { product { fee } } }').requests)).toEqual([
      'shop',
      'catalog after shop0',
      'stock after catalog1 shop0',
    ]);
  });

  it('sends what has slack with what comes later to the same subgraph', () => {
    const { requests } = scheduled('{ cart { product { inStock fee } } }');
    expect(outline(requests)).toEqual(['shop', 'catalog after shop0', 'stock after catalog1 shop0']);
    expect(requests[2]?.operation.text).toContain('e1:_entities(representations:$r1)');
  });

  it('makes no path longer by that', () => {
    const { requests } = scheduled('{ cart { owner { name } product { maker { age } } } top { maker { name } } }');
    expect(outline(requests)).toEqual([
      'shop',
      'catalog',
      'catalog after shop0',
      'people after catalog1 catalog2 shop0',
    ]);
  });

  it('asks once for what several places of the plan ask alike', () => {
    const { requests } = scheduled('{ cart { owner { name } } carts { owner { name } } }');
    expect(requests).toHaveLength(2);
    const [, people] = requests;
    expect(people?.kind === 'entities' && people.lists.map(({ parts }) => parts.length)).toEqual([2]);
    expect(people?.operation.text).not.toContain('e0:');
  });

  it('leaves a request of one fetch as the planner wrote it', () => {
    const [, people] = scheduled('{ cart { owner { name } } }').requests;
    expect(people?.operation.text).toMatch(/^query(?: \w+)?\(\$representations:\[_Any!\]!\)\{_entities/);
    expect(people?.kind === 'entities' && people.lists[0].responseKey).toBe('_entities');
  });

  it('keeps mutations strictly in order, with what is below them', () => {
    const { requests } = scheduled('mutation { buy { owner { name } } restock { inStock } sell { id } }');
    expect(outline(requests)).toEqual([
      'shop',
      'people after shop0',
      'catalog after people1 shop0',
      'stock after catalog2 shop0',
      'shop after catalog2 people1 shop0 stock3',
    ]);
  });

  it('writes merged operations that are valid for the subgraph', () => {
    const { requests } = scheduled(
      'query($l: String, $r0: String) { cart { product { price t: title(lang: $l) } } top { u: title(lang: $r0) weight } carts { product { title(lang: $l) } } }',
    );
    const catalog = buildSchema(`type Query { _entities(representations: [_Any!]!): [_Entity]! top: [Product] }
      scalar _Any union _Entity = Product
      type Product { upc: ID! price: Int weight: Int title(lang: String): String }`);
    for (const { operation } of requests.filter(({ subgraph }) => subgraph === 'catalog'))
      expect(validate(catalog, parse(operation.text))).toEqual([]);
    const merged = requests.find(({ operation }) => operation.text.includes('e1:'));
    expect(merged?.variables).toEqual(['l']);
  });

  it('is the same object for the same plan and the same values of its conditions', () => {
    const plan = planned('query($on: Boolean!) { top { upc } me @include(if: $on) { id } }');
    expect(scheduleOf(plan, { on: true })).toBe(scheduleOf(plan, { on: true, other: 1 }));
    expect(outline(scheduleOf(plan, { on: true }).requests)).toEqual(['catalog', 'people']);
    expect(outline(scheduleOf(plan, { on: false }).requests)).toEqual(['catalog']);
  });

  it('keeps deferred fetches apart from the others', () => {
    const { primary, deferred, requests } = scheduled(
      '{ cart { owner { name } ... @defer(label: "d") { product { price } } } carts { owner { age } } }',
    );
    expect(primary).toHaveLength(2);
    expect(deferred.map(({ label, path }) => [label, path])).toEqual([['d', ['cart']]]);
    expect(requests.length).toBe(primary.length + (deferred[0]?.requests.length ?? 0));
  });
});

const BENCH = '../shared/data/bench';
if (!existsSync(BENCH)) console.warn(`SKIPPED: the public scenario is not at ${BENCH}.`);
describe.skipIf(!existsSync(BENCH))('the public scenario', () => {
  it('takes six requests for the sixteen fetches of its plan', () => {
    const plans = createPlans(readFileSync(`${BENCH}/supergraph.graphql`, 'utf8'));
    const { requests } = scheduleOf(plans(readFileSync(`${BENCH}/operation.graphql`, 'utf8')), {});
    const fetches = requests.flatMap((request) =>
      request.kind === 'root' ? 1 : request.lists.map((list) => list.parts.length),
    );
    expect(fetches.reduce((sum, count) => sum + count, 0)).toBe(16);
    expect(outline(requests)).toEqual([
      'accounts',
      'products',
      'reviews after accounts0 products1',
      'products after reviews2',
      'inventory after products1 products3 reviews2',
      'accounts after reviews2',
    ]);
  });
});
