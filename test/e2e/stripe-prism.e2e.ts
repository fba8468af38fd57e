import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBoundPort } from '../../app/free-port.ts';
import { AppError } from '../../lib/errors.ts';
import { seedStripe } from '../../sandbox/stripe/index.ts';
import { createStripeClient, type StripeClient } from '../../subgraphs/stripe/client/stripe-client.ts';
import { type OpenSandbox, openSandbox } from '../sandbox/stripe/open-sandbox.ts';
import { hasVendorSpec, loadVendorSpec, type VendorSpec } from '../subgraphs/stripe/vendor-spec.ts';
import { until } from '../support/until.ts';

const PRISM = fileURLToPath(new URL('../../node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url));
const NOW = Date.now();
const objects = seedStripe(
  Array.from({ length: 12 }, (_, index) => ({
    id: `acc_${index}`,
    tenant: 'acme',
    name: `Company ${index}`,
    domain: `company-${index}.example`,
    createdAt: NOW - (index + 1) * 30 * 86_400_000,
  })),
  { seed: 5, now: NOW },
);

/** Prism 5.14 demands the required members of an optional `deepObject` parameter even where the parameter is absent. */
function withoutPrismDefect(spec: VendorSpec): object {
  const list = spec.paths['/v1/subscriptions']!['get']!;
  const parameters = (list['parameters'] as { name: string }[]).filter(({ name }) => name !== 'automatic_tax');
  return { ...spec, paths: { ...spec.paths, '/v1/subscriptions': { get: { ...list, parameters } } } };
}

/**
 * Prism judges the requests. Not the answers: with Stripe's recursive schemas it lets any JSON pass, `{"foo":1}` too
 * (client/spec.test.ts judges both sides, by the same document).
 */
describe.skipIf(!hasVendorSpec)('through Prism, with Stripe’s own document (skipped without the shared data)', () => {
  let folder: string;
  let opened: OpenSandbox;
  let prism: ChildProcess;
  let url: string;
  let client: StripeClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-prism-'));
    const document = join(folder, 'spec.json');
    await writeFile(document, JSON.stringify(withoutPrismDefect(loadVendorSpec())));
    opened = await openSandbox({ seed: () => objects });
    const port = await toBoundPort(0, '127.0.0.1');
    const args = [PRISM, 'proxy', '--errors', '-h', '127.0.0.1', '-p', String(port), document, opened.sandbox.url];
    prism = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    url = `http://127.0.0.1:${port}`;
    let said = '';
    prism.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    await until('Prism listens', () => said.includes('is listening'), 60_000);
    client = createStripeClient({ baseUrl: url, apiKey: 'sk_test_a' }, { maxAttempts: 1 });
  }, 90_000);

  afterAll(async () => {
    if (prism?.kill('SIGKILL')) await once(prism, 'exit');
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes every call of our client', async () => {
    const idOf = (kind: string) =>
      objects.find(({ object, status }) => object === kind && (kind !== 'invoice' || status === 'open'))?.id as string;
    const metadata = { tributary_account_id: 'acc_1' };
    const { body } = await client.createCustomer({ name: 'Ann', email: 'ann@example.com', metadata }, 'k1');
    expect(body).toMatchObject({ object: 'customer', metadata });
    for (const [resource, kind] of [
      ['customers', 'customer'],
      ['subscriptions', 'subscription'],
      ['invoices', 'invoice'],
    ] as const) {
      expect((await client.get(resource, idOf(kind)))?.body).toMatchObject({ id: idOf(kind) });
      expect((await client.list(resource, { limit: 3 })).body.data).toHaveLength(3);
    }
    expect((await client.list('subscriptions', { where: { status: 'all' } })).body.data.length).toBeGreaterThan(3);
    expect(await client.get('invoices', 'in_none')).toBeNull();
    const { data } = (await client.list('events', { limit: 1 })).body;
    expect((await client.get('events', (data[0] as { id: string }).id))?.body).toEqual(data[0]);
    const payment = await client.payInvoice(idOf('invoice'), 'k2').catch((error: unknown) => error);
    if (payment instanceof AppError)
      expect(payment.cause).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
    else expect(payment).toMatchObject({ body: { status: 'paid' } });
  });

  it('is stopped by Prism when a request is wrong, so its silence means something', async () => {
    const answer = await fetch(`${url}/v1/customers`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_a', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'balance=much',
    });
    expect(answer.status).toBe(422);
  });
});
