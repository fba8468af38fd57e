import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShopData } from '../../../../bench/gateway/data.ts';
import { GROWING, NESTED, SMALL } from '../../../../bench/gateway/operations.ts';
import { composeOwn } from '../../../../bench/gateway/scenarios.ts';
import { createSubgraphSchemas } from '../../../../bench/gateway/subgraph-schemas.ts';
import { expectedAnswer } from '../../../../bench/gateway/whole-schema.ts';
import { openTiers } from '../../../support/fast-tier.ts';

describe.each([
  { name: 'entities that repeat', pool: 9 },
  { name: 'entities that do not repeat', pool: null },
])('the fast tier over $name', ({ pool }) => {
  const shop = createShopData({ pool });
  let tiers: Awaited<ReturnType<typeof openTiers>>;
  beforeAll(async () => {
    tiers = await openTiers(await composeOwn('http://localhost'), createSubgraphSchemas(shop));
  });
  afterAll(() => tiers.close());

  it.each([
    { name: 'a query over four subgraphs', query: NESTED },
    { name: 'a query of one fetch', query: SMALL },
    { name: 'lists that grow', query: GROWING },
    { name: 'aliases', query: '{ a: users { b: id c: name d: reviews { e: id f: product { g: name h: inStock } } } }' },
    {
      name: 'type names',
      query: '{ __typename t: __typename users { __typename id reviews { __typename product { __typename name } } } }',
    },
    {
      name: 'fields in another order than they come',
      query: '{ topProducts(first: 2) { weight price name upc reviews { author { name username id } body id } } }',
    },
    { name: 'one field twice', query: '{ users { id id name } users { name reviews { id } } }' },
    { name: 'an object that is null', query: '{ me { id } user(id: "nobody") { id name } }' },
    { name: 'an empty list', query: '{ topProducts(first: 0) { upc name inStock reviews { id } } }' },
  ])('answers $name as graphql-js would over one schema', async ({ query }) => {
    const { json, path } = await tiers.fast(query, { first: 7 });
    expect(JSON.parse(json)).toEqual(JSON.parse(expectedAnswer(shop, query, { first: 7 })));
    expect(json).toBe((await tiers.exact(query, { first: 7 })).json);
    expect(path).toEqual({ path: 'fast', reason: null });
  });
});
