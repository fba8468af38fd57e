import { buildSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine, OperationContext } from '../../../gateway/engine.ts';
import { separateEvents } from '../../../gateway/supergraph/separate-events.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective", "@shareable", "@external"])
  @link(url: "https://specs.example/broker/v1.0", import: ["@edfs__kafkaSubscribe"])
  @composeDirective(name: "@edfs__kafkaSubscribe")
directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
`;
const OWNER = `${HEADER}
type Query { order(id: ID!): Order }
type Subscription {
  orderChanged: Order! @edfs__kafkaSubscribe(topics: ["orders"])
  shipped(by: Carrier): Shipment! @edfs__kafkaSubscribe(topics: ["orders"])
  anything: Anything @edfs__kafkaSubscribe(topics: ["orders"])
  own: Int
}
type Order @key(fields: "id") { id: ID! total: Int! lines: [Line!]! customer: Customer }
type Line { sku: String! at: Date }
type Shipment { order: Order! at: Date! by: Carrier line: Line changed: [String!]! }
type Customer @key(fields: "id") { id: ID! orders: [Order!] }
union Anything = Order | Customer
enum Carrier { POST TRUCK }
scalar Date`;
const CRM = 'type Query { customer(id: ID!): Customer } type Customer @key(fields: "id") { id: ID! name: String! }';

const toOrder = ({ id }: { id: string }) => ({
  id,
  total: 5,
  lines: [{ sku: 's', at: '2026' }],
  customer: { id: 'c1' },
});
const graph = createTestGraph([
  {
    name: 'shop',
    sdl: OWNER,
    resolvers: {
      Order: { __resolveReference: toOrder },
      Customer: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
    },
  },
  {
    name: 'crm',
    sdl: CRM,
    resolvers: {
      Query: { customer: (_: never, { id }: { id: string }) => ({ id, name: 'x' }) },
      Customer: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `C ${id}` }) },
    },
  },
]);
const separated = separateEvents(graph.supergraphSdl);
const context: OperationContext = { identity: null, requestId: 'r', signal: new AbortController().signal };
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ supergraph: separated, transport: graph.transport });
});
afterAll(() => engine.close());

async function answer(query: string, payload: Record<string, unknown>) {
  const operation = await engine.prepare({ query }, null);
  return JSON.parse(JSON.stringify(await engine.executeEvent(operation, payload, context)));
}

describe('a supergraph with events apart', () => {
  it('fetches the whole entity from its owners, of which the event holds the key', async () => {
    const query = 'subscription { orderChanged { id total lines { sku at } customer { name } } }';
    expect(await answer(query, { __typename: 'Order', id: 'o1' })).toEqual({
      data: { orderChanged: { id: 'o1', total: 5, lines: [{ sku: 's', at: '2026' }], customer: { name: 'C c1' } } },
    });
  });

  it('takes what is no entity from the event, and entities within it by key', async () => {
    const query = 'subscription { shipped(by: POST) { at by changed line { sku } order { total } } }';
    const payload = {
      __typename: 'Shipment',
      at: '2026',
      by: 'POST',
      changed: ['x'],
      line: { sku: 'z' },
      order: { __typename: 'Order', id: 'o2' },
    };
    expect(await answer(query, payload)).toEqual({
      data: { shipped: { at: '2026', by: 'POST', changed: ['x'], line: { sku: 'z' }, order: { total: 5 } } },
    });
  });

  it('follows unions', async () => {
    const query = 'subscription { anything { __typename ... on Order { total } ... on Customer { name } } }';
    expect(await answer(query, { __typename: 'Customer', id: 'c9' })).toEqual({
      data: { anything: { __typename: 'Customer', name: 'C c9' } },
    });
  });

  it('shows clients the same schema', async () => {
    const before = await createEngine({ supergraph: graph.supergraphSdl, transport: graph.transport });
    const fields = ({ schema }: Engine) => Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
    expect(fields(engine)).toEqual(fields(before));
    expect(Object.keys(engine.schema.getTypeMap()).sort()).toEqual(Object.keys(before.schema.getTypeMap()).sort());
    await before.close();
  });

  it('answers queries as before', async () => {
    const operation = await engine.prepare({ query: '{ customer(id: "c1") { name orders { id } } }' }, null);
    graph.calls.length = 0;
    await engine.execute(operation, context);
    expect(graph.calls.map(({ subgraph }) => subgraph)).toEqual(['crm', 'shop']);
  });

  it('changes nothing twice, nothing without events, and nothing where the declaring graph has stubs', () => {
    expect(separateEvents(separated)).toBe(separated);
    const plain = 'type Query { a: Int }';
    expect(separateEvents(plain)).toBe(plain);
    expect(separateEvents('type {')).toBe('type {');
    const stubs = createTestGraph([
      {
        name: 'events',
        sdl: `${HEADER} type Subscription { changed: Customer! @edfs__kafkaSubscribe(topics: ["c"]) }
          type Customer @key(fields: "id", resolvable: false) { id: ID! }`,
      },
      { name: 'crm', sdl: CRM },
    ]);
    expect(separateEvents(stubs.supergraphSdl)).toBe(stubs.supergraphSdl);
  });

  it('is SDL', () => {
    expect(() => parse(separated)).not.toThrow();
    expect(() => buildSchema(separated, { assumeValidSDL: true })).not.toThrow();
  });
});
