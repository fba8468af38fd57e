import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { createEngine } from '../../../gateway/create-engine.ts';
import type { OperationContext } from '../../../gateway/engine.ts';
import { createLiveEngine, type LiveEngine } from '../../../gateway/live/live-engine.ts';
import { createSubscriptions, type Subscriptions } from '../../../gateway/subscriptions/subscriptions.ts';
import { systemClock } from '../../../lib/clock.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { invoiceRecord } from '../serve/demo-gateway.ts';

const HEAD = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
  @link(url: "https://specs.example/broker/v1.0", import: ["@edfs__kafkaSubscribe"])
  @link(url: "https://specs.example/openfed/v1.0")
  @composeDirective(name: "@edfs__kafkaSubscribe") @composeDirective(name: "@openfed__subscriptionFilter")
directive @edfs__kafkaSubscribe(topics: [String!]!, providerId: String! = "default") on FIELD_DEFINITION
directive @openfed__subscriptionFilter(condition: openfed__Condition!) on FIELD_DEFINITION
input openfed__Condition { IN: openfed__Field }
input openfed__Field { fieldPath: String! values: [openfed__Value]! }
scalar openfed__Value
type Query { a: Int }
`;
const graph = (things: string, subscription: string) =>
  createTestGraph([
    {
      name: 'things',
      sdl: `${HEAD} type Subscription { ${subscription} } type Thing @key(fields: "id") { id: ID! ${things} }`,
      resolvers: { Thing: { name: ({ id }: { id: string }) => `name of ${id}`, note: () => 'note' } },
    },
  ]);
const changed = 'thingChanged: Thing! @edfs__kafkaSubscribe(topics: ["t.one"])';
const FIRST = graph('name: String! note: String', changed);
const WITHOUT_NOTE = graph('name: String!', changed);
const FILTERED = graph(
  'name: String! note: String',
  `${changed} @openfed__subscriptionFilter(condition: { IN: { fieldPath: "kind", values: ["big"] } })`,
);
const ELSEWHERE = graph('name: String! note: String', changed.replace('t.one', 't.two'));
let bus: EmbeddedBus;
beforeAll(async () => {
  bus = await openTestBus(['t.one', 't.two'].map((name) => ({ name, partitions: 1, retentionMs: 3_600_000 })));
});
afterAll(() => bus.close());
const opened: { live: LiveEngine; subscriptions: Subscriptions }[] = [];
afterEach(async () => {
  for (const { live, subscriptions } of opened.splice(0)) {
    subscriptions.close();
    await live.close();
  }
});

async function start() {
  const live = createLiveEngine({
    async build(supergraph) {
      const engine = await createEngine({ supergraph, transport: FIRST.transport, planner: createInProcessPlanner });
      return { engine, close: () => engine.close() };
    },
    lingerMs: 0,
    clock: systemClock,
    logger: silentLogger,
  });
  await live.swap(FIRST.supergraphSdl);
  const parts = { engine: live, changes: live, bus, cursorSecret: 'x'.repeat(32) };
  const subscriptions = createSubscriptions({ ...parts, clock: systemClock, logger: silentLogger });
  opened.push({ live, subscriptions });
  const context: OperationContext = { identity: null, requestId: 'r', signal: new AbortController().signal };
  const subscribe = async (query: string) => subscriptions.subscribe(await live.prepare({ query }, null), context);
  return { live, subscribe };
}

const publish = (id: string, more: Record<string, unknown> = {}) =>
  bus.publish('t.one', [invoiceRecord(id, 'acme', { __typename: 'Thing', ...more })]);

describe('a running subscription, when the schema changes,', () => {
  it('goes on where it is still valid, and ends with SCHEMA_CHANGED where it is not', async () => {
    const { live, subscribe } = await start();
    const [kept, broken] = [
      await subscribe('subscription { thingChanged { id name } }'),
      await subscribe('subscription { thingChanged { note } }'),
    ];
    await publish('t1');
    expect((await kept.next()).value?.result).toEqual({ data: { thingChanged: { id: 't1', name: 'name of t1' } } });
    expect((await broken.next()).value?.result).toEqual({ data: { thingChanged: { note: 'note' } } });
    await live.swap(WITHOUT_NOTE.supergraphSdl);
    await expect(broken.next()).rejects.toMatchObject({
      code: 'SCHEMA_CHANGED',
      extensions: { reason: expect.stringContaining('note') },
    });
    await publish('t2');
    const { value } = await kept.next();
    expect(value?.result).toEqual({ data: { thingChanged: { id: 't2', name: 'name of t2' } } });
    expect(value?.cursor).toEqual(expect.any(String));
  });

  it('takes the filter that the new schema has', async () => {
    const { live, subscribe } = await start();
    const stream = await subscribe('subscription { thingChanged { id } }');
    await live.swap(FILTERED.supergraphSdl);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publish('small');
    await publish('large', { kind: 'big' });
    expect((await stream.next()).value?.result).toEqual({ data: { thingChanged: { id: 'large' } } });
  });

  it('ends with SCHEMA_CHANGED when its events come from elsewhere', async () => {
    const { live, subscribe } = await start();
    const stream = await subscribe('subscription { thingChanged { id } }');
    await live.swap(ELSEWHERE.supergraphSdl);
    await expect(stream.next()).rejects.toMatchObject({ code: 'SCHEMA_CHANGED' });
  });

  it('is begun on the new schema when it was prepared on the old one', async () => {
    const { live } = await start();
    const operation = await live.prepare({ query: 'subscription { thingChanged { note } }' }, null);
    await live.swap(WITHOUT_NOTE.supergraphSdl);
    const [{ subscriptions } = { subscriptions: null }] = opened;
    const context = { identity: null, requestId: 'r', signal: new AbortController().signal };
    await expect(subscriptions?.subscribe(operation, context)).rejects.toMatchObject({ status: 400 });
  });
});
