import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TributaryEvent } from '../../events/event.ts';
import { openStore } from '../../store/connect.ts';
import type { Store } from '../../store/store.ts';
import { type StoreProcess, startStoreProcess } from '../../test/support/store-process.ts';
import { concurrently } from './concurrently.ts';

interface Invoice {
  readonly _id: string;
  readonly tenant: string;
  readonly accountId: string;
  readonly createdAt: Date;
  readonly version: number;
}

/** The two indexes of Stripe's mirror. */
const INDEXES = [
  { tenant: 1, accountId: 1, createdAt: -1, _id: -1 },
  { tenant: 1, createdAt: -1, _id: -1 },
] as const;

const toInvoice = (number: number) => ({
  _id: `in_${number}`,
  tenant: 'acme',
  accountId: `acc_${number % 5000}`,
  createdAt: new Date(Date.UTC(2026, 0, 1) + number * 1000),
  amountDue: { amount: number, currency: 'EUR' },
  number: `INV-${number}`,
  status: 'OPEN',
  customer: `cus_${number % 5000}`,
  version: 1,
});

const toEvent = (number: number, invoice: string): TributaryEvent => ({
  id: `evt_${number}`,
  source: '/stripe',
  type: 'stripe.invoice.updated',
  subject: invoice,
  time: '2026-01-02T03:04:05Z',
  tenant: 'acme',
  cause: 'LIVE',
  data: {
    __typename: 'StripeInvoice',
    id: invoice,
    type: 'stripe.invoice.updated',
    version: number,
    changed: ['status'],
    accountId: null,
    customerId: 'cus_1',
    status: 'OPEN',
  },
});

/** What one webhook does to the store: its id claimed, the mirror brought up to date, the news in the outbox. */
function webhook(store: Store, invoices: number) {
  const mirror = store.connection.getClient().db('tributary').collection<Invoice>('invoices');
  return (number: number) => {
    // One in four brings a new invoice, the others change one of all there are.
    const invoice = number % 4 === 0 ? invoices + number : (number * 7919) % invoices;
    const { _id, version: _version, ...facts } = toInvoice(invoice);
    return store.transaction(async (session) => {
      await store.inbox.claim(session, 'stripe', 'acme', `evt_${number}`);
      const change = { $set: { ...facts, status: `S${number}` }, $inc: { version: 1 } };
      await mirror.updateOne({ _id }, change, { session, upsert: true });
      await store.outbox.append(session, [{ topic: 'stripe.invoice', event: toEvent(number, _id) }]);
    });
  };
}

async function measured(
  process: StoreProcess,
  concurrency: number,
  milliseconds: number,
  handle: (number: number) => Promise<unknown>,
) {
  const before = process.writtenBytes();
  const { count, perSecond, latency } = await concurrently({ concurrency, milliseconds }, handle);
  const kilobytesEach = Math.round((process.writtenBytes() - before) / count / 102.4) / 10;
  return { perSecond, p50: latency.p50, p99: latency.p99, count, kilobytesEach };
}

/** Bytes the store writes for a webhook-shaped transaction of about a kilobyte, one at a time and 50 at once. */
export async function measureWebhookBytes({ quick }: { quick: boolean }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const server = await startStoreProcess(join(dataDir, 'store'));
  const store = await openStore({ dataDir, uri: server.uri });
  const [invoices, milliseconds] = quick ? [5000, 1000] : [200_000, 5000];
  try {
    const mirror = store.connection.getClient().db('tributary').collection<Invoice>('invoices');
    for (const index of INDEXES) await mirror.createIndex(index);
    for (let from = 0; from < invoices; from += 1000)
      await mirror.insertMany(Array.from({ length: 1000 }, (_, at) => toInvoice(from + at)));
    const handle = webhook(store, invoices);
    const alone = await measured(server, 1, milliseconds, handle);
    const together = await measured(server, 50, milliseconds, (number) => handle(alone.count + 10 + number));
    const announced = await store.connection.collection('outbox').countDocuments();
    if (announced !== alone.count + together.count) throw new Error(`${announced} events are in the outbox.`);
    return { invoices, oneAtATime: alone, fiftyAtOnce: together };
  } finally {
    await store.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
