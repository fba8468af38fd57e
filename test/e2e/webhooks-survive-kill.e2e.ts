import { afterAll, beforeAll, expect, it } from 'vitest';
import { followSubscription } from '../support/follow-subscription.ts';
import { createInvoiceWebhooks } from '../support/invoice-webhooks.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { createRandom } from '../support/random.ts';

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
  const subscriber = followSubscription(server, 'sales', SUBSCRIPTION);
  const told = () => new Set(subscriber.messages.map(({ stripeInvoiceChanged }) => stripeInvoiceChanged?.externalId));
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
    .poll(
      () => {
        const seen = told();
        return [...acknowledged].filter((id) => !seen.has(id));
      },
      { timeout: 30_000, interval: 200 },
    )
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
