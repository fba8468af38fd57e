import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { type SandboxAccount, type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/index.ts';

/** A sandbox in a folder of its own, and Stripe's own package on it. */
export interface OpenSandbox {
  readonly sandbox: StripeSandbox;
  readonly dataDir: string;
  readonly stripe: Stripe;
  /** The package with another account's key. */
  as(apiKey: string): Stripe;
  close(): Promise<void>;
}

/** Opens one with the account `a` (key `sk_test_a`), and what else is given. */
export async function openSandbox(
  account: Partial<SandboxAccount> = {},
  others: readonly SandboxAccount[] = [],
): Promise<OpenSandbox> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-sandbox-'));
  const accounts = [{ id: 'a', apiKeys: ['sk_test_a'], ...account }, ...others];
  const sandbox = await startStripeSandbox({ port: 0, dataDir, accounts });
  return {
    sandbox,
    dataDir,
    stripe: stripeAt(sandbox.url, 'sk_test_a'),
    as: (apiKey) => stripeAt(sandbox.url, apiKey),
    close: async () => {
      await sandbox.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Stripe's own package on an address. */
export function stripeAt(url: string, apiKey: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(apiKey, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** A webhook as it arrived. */
export interface Arrival {
  readonly body: string;
  readonly signature: string;
}

/** An endpoint that takes webhooks; `answer` decides the status. */
export async function openEndpoint(answer: (arrival: Arrival, count: number) => number = () => 200) {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const arrival = { body, signature: String(request.headers['stripe-signature']) };
      arrivals.push(arrival);
      response.writeHead(answer(arrival, arrivals.length)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { arrivals, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, close };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
