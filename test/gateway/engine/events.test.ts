import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { Engine, OperationContext } from '../../../gateway/engine.ts';
import { readEventSources } from '../../../gateway/supergraph/event-sources.ts';
import { createTestGraph, type TestGraph } from '../../support/test-subgraphs.ts';

const EVENTS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
  @link(url: "https://specs.example/broker/v1.0", import: ["@edfs__kafkaSubscribe"])
  @link(url: "https://specs.example/openfed/v1.0")
  @composeDirective(name: "@edfs__kafkaSubscribe")
  @composeDirective(name: "@openfed__subscriptionFilter")
directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
directive @openfed__subscriptionFilter(condition: openfed__Condition!) on FIELD_DEFINITION
input openfed__Condition { AND: [openfed__Condition!] IN: openfed__Field OR: [openfed__Condition!] NOT: openfed__Condition }
input openfed__Field { fieldPath: String! values: [openfed__Value!]! }
scalar openfed__Value
type Subscription {
  invoicePaid(accountId: ID!): Invoice!
    @edfs__kafkaSubscribe(topics: ["stripe.invoice"], providerId: "bus")
    @openfed__subscriptionFilter(condition: { IN: { fieldPath: "accountId", values: ["{{ args.accountId }}"] } })
  changed: Change @edfs__kafkaSubscribe(topics: ["all"])
  noted: Noted! @edfs__kafkaSubscribe(topics: ["noted"])
}
union Change = Invoice | Account
type Invoice @key(fields: "id", resolvable: false) { id: ID! }
type Account @key(fields: "id", resolvable: false) { id: ID! }
type Noted { invoice: Invoice! at: String! by: String changed: [String!]! }`;

const invoices = new Map([['in_1', { id: 'in_1', total: 120, account: { id: 'a_1' } }]]);
const graph: TestGraph = createTestGraph([
  { name: 'events', sdl: EVENTS },
  {
    name: 'stripe',
    sdl: `type Query { invoice(id: ID!): Invoice }
      type Invoice @key(fields: "id") { id: ID! total: Int! account: Account! }
      type Account @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Invoice: { __resolveReference: ({ id }: { id: string }) => invoices.get(id) } },
  },
  {
    name: 'crm',
    sdl: 'type Query { account(id: ID!): Account } type Account @key(fields: "id") { id: ID! name: String! }',
    resolvers: { Account: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Account ${id}` }) } },
  },
]);
const context: OperationContext = { identity: null, requestId: 'r1', signal: new AbortController().signal };
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine({ supergraph: graph.supergraphSdl, transport: graph.transport });
});
afterAll(() => engine.close());

async function event(query: string, payload: Record<string, unknown>, variables: Record<string, unknown> = {}) {
  graph.calls.length = 0;
  const operation = await engine.prepare({ query, variables }, null);
  return JSON.parse(JSON.stringify(await engine.executeEvent(operation, payload, context)));
}

describe('an event-driven field', () => {
  it('is read for all selections of a field that is selected several times', async () => {
    const query = `subscription($on: Boolean!) { noted { invoice @include(if: $on) { number: id } invoice { id } } }`;
    const payload = { invoice: { id: 'in_1' }, at: 'now', changed: [] };
    expect(await event(query, payload, { on: true })).toEqual({
      data: { noted: { invoice: { number: 'in_1', id: 'in_1' } } },
    });
  });

  it('is found in the supergraph with topics, provider and filter', () => {
    expect(readEventSources(graph.supergraphSdl).get('invoicePaid')).toEqual({
      field: 'invoicePaid',
      topics: ['stripe.invoice'],
      providerId: 'bus',
      condition: { IN: { fieldPath: 'accountId', values: ['{{ args.accountId }}'] } },
    });
  });

  it('hides the helper types of its directives from clients', () => {
    expect(Object.keys(engine.schema.getTypeMap()).filter((name) => name.startsWith('openfed__'))).toEqual([]);
  });

  it('answers an event with fields of three subgraphs', async () => {
    const query = 'subscription($a: ID!) { invoicePaid(accountId: $a) { id total account { name } } }';
    expect(await event(query, { __typename: 'Invoice', id: 'in_1' }, { a: 'a_1' })).toEqual({
      data: { invoicePaid: { id: 'in_1', total: 120, account: { name: 'Account a_1' } } },
    });
    expect(graph.calls.map(({ subgraph }) => subgraph)).toEqual(['stripe', 'crm']);
  });

  it('reads the payload by schema names where the client uses aliases', async () => {
    const query = 'subscription { ev: invoicePaid(accountId: "a") { key: id t: __typename sum: total } }';
    expect(await event(query, { __typename: 'Invoice', id: 'in_1', key: 'wrong' })).toEqual({
      data: { ev: { key: 'in_1', t: 'Invoice', sum: 120 } },
    });
  });

  it('asks nobody when the key is all that is wanted', async () => {
    expect(await event('subscription { invoicePaid(accountId: "a") { id } }', { id: 'in_9' })).toEqual({
      data: { invoicePaid: { id: 'in_9' } },
    });
    expect(graph.calls).toEqual([]);
  });

  it('takes the type of a union member from the payload', async () => {
    const query = 'subscription { changed { __typename ... on Invoice { total } ... on Account { name } } }';
    expect(await event(query, { __typename: 'Account', id: 'a_7' })).toEqual({
      data: { changed: { __typename: 'Account', name: 'Account a_7' } },
    });
    expect(await event(query, { __typename: 'Invoice', id: 'in_1' })).toEqual({
      data: { changed: { __typename: 'Invoice', total: 120 } },
    });
  });

  it('follows the entity inside an envelope and serves the envelope from the payload', async () => {
    const payload = {
      __typename: 'Noted',
      at: 'now',
      changed: ['total'],
      invoice: { __typename: 'Invoice', id: 'in_1' },
    };
    expect(await event('subscription { noted { at by changed invoice { total } } }', payload)).toEqual({
      data: { noted: { at: 'now', by: null, changed: ['total'], invoice: { total: 120 } } },
    });
  });

  it('turns a payload without its key into an error', async () => {
    const query = 'subscription { invoicePaid(accountId: "a") { total } }';
    const { data, errors } = await event(query, { __typename: 'Invoice' });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: ['invoicePaid', 'total'], extensions: { code: 'EVENT_INVALID' } }]);
    expect(graph.calls).toEqual([]);
  });

  it('turns an entity that is gone into an error', async () => {
    const { data, errors } = await event('subscription { invoicePaid(accountId: "a") { total } }', { id: 'in_gone' });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ['invoicePaid', 'total'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } },
    ]);
  });
});
