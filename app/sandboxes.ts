import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../lib/config.ts';
import { lockFolder } from '../lib/folder-lock.ts';
import type { Logger } from '../lib/logger.ts';
import { seedStripe } from '../sandbox/stripe/seed/seed-stripe.ts';
import { type StripeSandbox, startStripeSandbox } from '../sandbox/stripe/start-stripe-sandbox.ts';
import type { Connection } from '../subgraphs/kit/connections.ts';
import type { Demo } from './demo-data.ts';

/** The Stripe accounts of the sandbox, by connection. Their keys open nothing else; production refuses them. */
export const SANDBOX_ACCOUNTS = {
  default: { tenant: 'acme', apiKey: 'sk_test_tributary_acme', webhookSecret: 'whsec_tributary_acme' },
  globex: { tenant: 'globex', apiKey: 'sk_test_tributary_globex', webhookSecret: 'whsec_tributary_globex' },
} as const;

/**
 * Starts the Stripe sandbox, which posts its webhooks to the server at `gatewayUrl`.
 * AppError DATA_DIR_LOCKED when another process has that sandbox open.
 */
export async function openStripeSandbox(options: {
  readonly config: Config;
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly demo: Demo;
  /** Posts the webhooks. @default the global one */
  readonly fetch?: typeof fetch;
  readonly logger: Logger;
}): Promise<StripeSandbox> {
  const { config, gatewayUrl, demo, logger } = options;
  const accounts = Object.entries(SANDBOX_ACCOUNTS).map(([id, { tenant, apiKey, webhookSecret }]) => ({
    id,
    apiKeys: [apiKey],
    webhook: { url: `${gatewayUrl}/webhooks/stripe/${id}`, secret: webhookSecret },
    seed: () => stripeObjectsOf(tenant, demo),
  }));
  const dataDir = join(options.dataDir, 'sandbox', 'stripe');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const posting = options.fetch ? { fetch: options.fetch } : {};
  const lock = await lockFolder(dataDir);
  try {
    const sandbox = await startStripeSandbox({ port: config.SANDBOX_PORT, dataDir, accounts, logger, ...posting });
    return { ...sandbox, close: () => sandbox.close().finally(lock.release) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What the sandbox holds of a tenant when it is first opened, and what the mirror is loaded with. */
export function stripeObjectsOf(tenant: string, { origin, data }: Demo) {
  return seedStripe(
    data().accounts.filter((account) => account.tenant === tenant),
    origin,
  );
}

/** The sandbox's accounts as connections. */
export function toSandboxConnections(sandboxUrl: string): Connection[] {
  return Object.entries(SANDBOX_ACCOUNTS).map(([id, { tenant, apiKey, webhookSecret }]) => ({
    id,
    vendor: 'stripe',
    tenant,
    baseUrl: sandboxUrl,
    apiKey,
    webhookSecrets: [webhookSecret],
  }));
}
