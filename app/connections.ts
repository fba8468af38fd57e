import type { Config } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { type Connection, type ConnectionRegistry, createConnectionRegistry } from '../subgraphs/kit/connections.ts';

/** Where Stripe's API answers. https://docs.stripe.com/api */
const STRIPE_API = 'https://api.stripe.com';

/** Whether the Stripe sandbox stands in for Stripe: no key is set, and this is not production. */
export function usesStripeSandbox(config: Config): boolean {
  return !config.STRIPE_API_KEY && config.NODE_ENV !== 'production';
}

/**
 * The connections of the configuration: the real account of `DEFAULT_TENANT` where a key is set, else those of the sandbox.
 * AppError CONFIG_INVALID when a real account has no webhook secret, or production has no account.
 */
export function toConnections(config: Config, sandbox: readonly Connection[]): ConnectionRegistry {
  if (usesStripeSandbox(config)) return createConnectionRegistry(sandbox);
  if (!config.STRIPE_API_KEY) {
    throw new AppError(
      'CONFIG_INVALID',
      'STRIPE_API_KEY must be set in production: the sandbox is for development only.',
      { extensions: { variable: 'STRIPE_API_KEY' } },
    );
  }
  if (!config.STRIPE_WEBHOOK_SECRET) {
    throw new AppError(
      'CONFIG_INVALID',
      'STRIPE_WEBHOOK_SECRET must be whsec_…[,whsec_…] when STRIPE_API_KEY is set.',
      { extensions: { variable: 'STRIPE_WEBHOOK_SECRET' } },
    );
  }
  return createConnectionRegistry([
    {
      id: 'default',
      vendor: 'stripe',
      tenant: config.DEFAULT_TENANT,
      baseUrl: config.STRIPE_API_URL ?? STRIPE_API,
      apiKey: config.STRIPE_API_KEY,
      webhookSecrets: config.STRIPE_WEBHOOK_SECRET,
    },
  ]);
}
