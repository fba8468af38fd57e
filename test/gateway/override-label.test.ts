import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../../gateway/index.ts';
import { createTestGraph } from '../support/test-subgraphs.ts';

const graph = createTestGraph([
  {
    name: 'old',
    sdl: 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! f: String }',
    resolvers: { Query: { thing: () => ({ id: '1' }) }, Thing: { f: () => 'old' } },
  },
  {
    name: 'new',
    sdl: 'type Thing @key(fields: "id") { id: ID! f: String @override(from: "old", label: "beta") }',
    resolvers: { Thing: { __resolveReference: (thing: object) => thing, f: () => 'new' } },
  },
]);

describe('the option overrideLabel', () => {
  let gateway: Gateway;
  let url: string;
  beforeAll(async () => {
    gateway = await createGateway({
      supergraph: graph.supergraphSdl,
      transport: graph.transport,
      overrideLabel: (label, context) => label === 'beta' && context?.headers?.['x-beta'] === 'yes',
    });
    ({ url } = await gateway.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterAll(() => gateway.close());

  it.each([
    ['yes', 'new'],
    ['no', 'old'],
  ])('chooses the owner of a field for a request that says %s', async (beta, f) => {
    const headers = { 'content-type': 'application/json', 'x-beta': beta };
    const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ thing { f } }"}' });
    expect(await answer.json()).toEqual({ data: { thing: { f } } });
  });
});
