import { afterAll, beforeAll, expect, it } from 'vitest';
import { subscribe } from '../../app/demo/graph-client.ts';
import { createInvoiceWebhooks } from '../support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

const ROUNDS = 20;
const SENDERS = 3;
const SUBSCRIPTION = 'subscription { stripeInvoiceChanged { externalId } }';

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.close());

it(`keeps every acknowledged webhook exactly once, and tells a resuming subscriber of each, over ${ROUNDS} kill -9`, {
  timeout: 420_000,
}, async () => {
  const acknowledged = new Set<string>();
  const subscriber = follow(server);
  await expect.poll(subscriber.cursor, { timeout: 10_000 }).not.toBeNull();
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  process.stdout.write(`kill -9 seed ${seed}\n`);
  const random = createRandom(seed);
  for (let round = 0; round < ROUNDS; round += 1) {
    const sending = send(server, round, acknowledged);
    await new Promise((resolve) => setTimeout(resolve, 50 + random() * 1_200));
    await server.process().kill();
    await sending;
    await server.restart();
  }
  await expect
    .poll(() => [...acknowledged].filter((id) => !subscriber.seen.has(id)), { timeout: 30_000, interval: 200 })
    .toEqual([]);
  subscriber.stop();
  const stored = (await invoicesInGraph(server)).filter((id) => id.startsWith('in_crash'));
  const count = new Map<string, number>();
  for (const id of stored) count.set(id, (count.get(id) ?? 0) + 1);
  process.stdout.write(`${acknowledged.size} webhooks acknowledged, ${stored.length} in the graph\n`);
  expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  expect([...acknowledged].filter((id) => count.get(id) !== 1)).toEqual([]);
  expect(new Set(stored).size).toBe(stored.length);
});

/** Posts webhooks from several senders until the server is gone. */
async function send({ url, sandboxPort }: OwnServer, round: number, acknowledged: Set<string>): Promise<void> {
  const webhooks = await createInvoiceWebhooks({ url, sandboxPort }).catch(() => null);
  const sender = async (lane: number) => {
    for (let number = 0; ; number += 1) {
      const name = `crash${round}x${lane}x${number}`;
      const status = await webhooks?.post(name).catch(() => null);
      if (!status) return;
      if (status === 200) acknowledged.add(`in_${name}`);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, lane) => sender(lane)));
}

/** A subscriber that comes back with its last cursor whenever the stream breaks. */
function follow({ url, token }: OwnServer) {
  const seen = new Set<string>();
  let stopped = false;
  let cursor = (): string | null => null;
  const once = async () => {
    const stream = await subscribe({ url, token: await token('sales'), query: SUBSCRIPTION, lastEventId: cursor() });
    cursor = stream.cursor;
    for (let message = await stream.next(); message && !stopped; message = await stream.next()) {
      const id = message.data?.data?.stripeInvoiceChanged?.externalId;
      if (id) seen.add(id);
    }
    stream.close();
  };
  const run = async () => {
    while (!stopped) {
      await once().catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  void run();
  const stop = () => {
    stopped = true;
  };
  return { seen, cursor: () => cursor(), stop };
}

async function invoicesInGraph(own: OwnServer): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { data } = await own.ask(
      'sales',
      'query ($after: String) { stripeInvoices(first: 100, after: $after) { nodes { externalId } pageInfo { hasNextPage endCursor } } }',
      { after },
    );
    ids.push(...data.stripeInvoices.nodes.map((node: { externalId: string }) => node.externalId));
    if (!data.stripeInvoices.pageInfo.hasNextPage) return ids;
    after = data.stripeInvoices.pageInfo.endCursor;
  }
}

/** Small seeded generator (mulberry32), so that a failing run can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
