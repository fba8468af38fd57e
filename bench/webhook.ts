import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { subscribe } from '../app/demo/graph-client.ts';
import { developmentTokens } from '../app/demo/tokens.ts';
import { toBoundPort } from '../app/free-port.ts';
import { startServerProcess } from '../app/server-process.ts';
import { createInvoiceWebhooks, type InvoiceWebhooks } from '../test/support/invoice-webhooks.ts';
import { toPercentiles } from './percentiles.ts';

/**
 * Webhook to subscriber, on a server process of its own with embedded store and log: from the moment a signed
 * `invoice.created` is posted until the SSE client has the message, and until the webhook is answered. One at a time.
 */
export async function benchWebhook({ quick }: { quick: boolean }): Promise<Record<string, unknown>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const [port, sandboxPort] = [await toBoundPort(0, '127.0.0.1'), await toBoundPort(0, '127.0.0.1')];
  const server = await startServerProcess({ dataDir, port, sandboxPort });
  try {
    const webhooks = await createInvoiceWebhooks({ url: server.url, sandboxPort });
    const token = await developmentTokens({ dataDir, url: server.url })('sales');
    const query = 'subscription { stripeInvoiceChanged { externalId status account { id name } } }';
    const stream = await subscribe({ url: server.url, token, query });
    const figures = await measure(webhooks, stream, quick ? { warmUp: 20, rounds: 60 } : { warmUp: 50, rounds: 400 });
    stream.close();
    return { unit: 'ms', firstStart: server.startedInMs, ...figures };
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Stream = Awaited<ReturnType<typeof subscribe>>;

async function measure(
  webhooks: InvoiceWebhooks,
  stream: Stream,
  { warmUp, rounds }: { warmUp: number; rounds: number },
) {
  const toSubscriber: number[] = [];
  const toAnswer: number[] = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const start = performance.now();
    const answered = webhooks.post(`bench${round}`).then((status) => ({ status, took: performance.now() - start }));
    const message = await stream.next();
    const arrived = performance.now() - start;
    const { status, took } = await answered;
    const id = message?.data?.data?.stripeInvoiceChanged?.externalId;
    if (status !== 200 || id !== `in_bench${round}`)
      throw new Error(`Round ${round} was answered ${status} and got ${id ?? JSON.stringify(message)}.`);
    if (round < warmUp) continue;
    toSubscriber.push(arrived);
    toAnswer.push(took);
  }
  return { webhookToSubscriber: toPercentiles(toSubscriber), webhookToAnswer: toPercentiles(toAnswer) };
}
