import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeForm } from '../../../../sandbox/stripe/http/form.ts';
import { seedStripe } from '../../../../sandbox/stripe/index.ts';
import {
  createStripeClient,
  STRIPE_VERSION,
  type StripeClient,
} from '../../../../subgraphs/stripe/client/stripe-client.ts';
import { type OpenSandbox, openSandbox } from '../../../sandbox/stripe/open-sandbox.ts';
import { createSpecJudge, type SpecJudge } from '../spec-judge.ts';
import { hasVendorSpec, loadVendorSpec, OPERATIONS } from '../vendor-spec.ts';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;
const kinds = ['CUSTOMER', 'FORMER_CUSTOMER'] as const;
const objects = seedStripe(
  Array.from({ length: 30 }, (_, index) => ({
    id: `acc_${index}`,
    tenant: 'acme',
    name: `Company ${index}`,
    domain: `company-${index}.example`,
    createdAt: NOW - (index + 1) * 17 * DAY,
    kind: kinds[index % 2] as (typeof kinds)[number],
  })),
  { seed: 3, now: NOW },
);

/** What an exchange looked like, and what the document says of it. */
interface Exchange {
  readonly operation: string;
  readonly status: number;
  readonly wrong: readonly string[];
}

/** Passes requests on to the sandbox; the vendor's document judges both sides. */
async function openJudgingProxy(upstream: string, judge: SpecJudge) {
  const exchanges: Exchange[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const { pathname, search } = new URL(request.url ?? '/', upstream);
    const method = request.method ?? 'GET';
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !['host', 'connection', 'content-length'].includes(name)),
    );
    const answer = await fetch(`${upstream}${request.url}`, {
      method,
      headers: headers as Record<string, string>,
      ...(method === 'GET' ? {} : { body }),
    });
    const json: unknown = await answer.json();
    const asked = judge.request(method, pathname, { ...decodeForm(method === 'GET' ? search : body) });
    exchanges.push({
      operation: `${method} ${pathname}`,
      status: answer.status,
      wrong: [...asked, ...judge.answer(method, pathname, answer.status, json)],
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { exchanges, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describe.skipIf(!hasVendorSpec)('judged by Stripe’s own document (skipped without the shared data)', () => {
  let opened: OpenSandbox;
  let proxy: Awaited<ReturnType<typeof openJudgingProxy>>;
  let judge: SpecJudge;
  let client: StripeClient;
  beforeAll(async () => {
    const spec = loadVendorSpec();
    expect(spec.info.version).toBe(STRIPE_VERSION);
    judge = createSpecJudge(spec);
    opened = await openSandbox({ seed: () => objects });
    proxy = await openJudgingProxy(opened.sandbox.url, judge);
    client = createStripeClient({ baseUrl: proxy.url, apiKey: 'sk_test_a' });
  });
  afterAll(async () => {
    await proxy.close();
    await opened.close();
  });

  it('our client’s every call, and the sandbox’s answer to it, keep to it', async () => {
    const { body } = await client.createCustomer(
      { name: 'Ann', email: 'ann@example.com', metadata: { tributary_account_id: 'acc_1' } },
      'k1',
    );
    const customer = (body as { id: string }).id;
    const invoice = objects.find(({ object, status }) => object === 'invoice' && status === 'open')?.id as string;
    const subscription = objects.find(({ object }) => object === 'subscription')?.id as string;
    await client.get('customers', customer);
    await client.get('subscriptions', subscription);
    await client.get('invoices', invoice);
    expect(await client.get('invoices', 'in_none')).toBeNull();
    await client.payInvoice(invoice, 'k2').catch(() => null);
    await client.list('customers', { limit: 2 });
    await client.list('subscriptions', { where: { status: 'all' } });
    await client.list('invoices', { limit: 100, startingAfter: invoice });
    const { data } = (await client.list('events', { limit: 1 })).body;
    await client.get('events', (data[0] as { id: string }).id);
    expect(proxy.exchanges.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(proxy.exchanges.length).toBeGreaterThanOrEqual(OPERATIONS.length);
  });

  it('every object of the seed keeps to it', () => {
    const paths = { customer: 'customers', invoice: 'invoices', subscription: 'subscriptions' };
    for (const [kind, path] of Object.entries(paths)) {
      const data = objects.filter(({ object }) => object === kind);
      const list = { object: 'list', data, has_more: false, url: `/v1/${path}` };
      expect(data.length).toBeGreaterThan(5);
      expect(judge.answer('GET', `/v1/${path}`, 200, list)).toEqual([]);
    }
  });

  it('every object that the API of the sandbox makes keeps to it', async () => {
    const { stripe } = opened;
    const customer = await stripe.customers.create({ name: 'Ann', payment_method: 'pm_card_visa' });
    const product = await stripe.products.create({ name: 'Team' });
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount: 5,
      recurring: { interval: 'week' },
    });
    const begun = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const { id } = await stripe.invoices.create({ customer: customer.id });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: id as string, amount: 7, currency: 'eur' });
    const made: [string, Stripe.Response<object>][] = [
      ['customers', customer],
      ['subscriptions', begun],
      ['subscriptions', await stripe.subscriptions.cancel(begun.id)],
      ['invoices', await stripe.invoices.retrieve(id as string)],
      ['invoices', await stripe.invoices.finalizeInvoice(id as string)],
      ['invoices', await stripe.invoices.markUncollectible(id as string)],
      ['invoices', await stripe.invoices.voidInvoice(id as string)],
    ];
    for (const [path, body] of made)
      expect([path, ...judge.answer('GET', `/v1/${path}/x`, 200, JSON.parse(JSON.stringify(body)))]).toEqual([path]);
  });

  it('finds what is wrong on either side, so its silence means something', () => {
    const invoice = objects.find(({ object }) => object === 'invoice');
    const wrong = [
      judge.answer('GET', '/v1/invoices/in_1', 200, { ...invoice, total: 'much' }),
      judge.answer('GET', '/v1/invoices/in_1', 200, { ...invoice, status: 'lost' }),
      judge.answer('GET', '/v1/invoices/in_1', 200, { id: 'in_1', object: 'invoice' }),
      judge.answer('GET', '/v1/invoices/in_1', 404, { message: 'no' }),
      judge.request('POST', '/v1/customers', { nmae: 'Ann' }),
      judge.request('POST', '/v1/customers', { balance: 'much' }),
      judge.request('GET', '/v1/invoices', { status: 'lost' }),
      judge.request('GET', '/v1/invoices', { page: '2' }),
    ];
    expect(wrong.filter((errors) => errors.length === 0)).toEqual([]);
  });
});
