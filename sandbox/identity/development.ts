import { AppError } from '../../lib/errors.ts';
import { loadOrCreateKey } from '../../lib/key-file.ts';
import { type Address, ownOrigin } from '../../lib/own-origin.ts';
import type { PrivateSigningKey } from '../../lib/signing-key.ts';

/** Where the development identity provider is mounted. */
export const PROVIDER_PREFIX = '/oidc';

/** The issuer of development tokens, from the configuration alone, so that `npm run token` knows it without a server. */
export function developmentIssuer(address: Address): string {
  return issuerAt(ownOrigin(address));
}

/** The issuer of the server at this origin. */
export function issuerAt(origin: string): string {
  return `${origin}${PROVIDER_PREFIX}`;
}

/** The key that signs development tokens, kept in the data folder. Errors as `loadOrCreateKey`. */
export function loadDevelopmentKey(dataDir: string): Promise<PrivateSigningKey> {
  return loadOrCreateKey({ dataDir, name: 'development-identity' });
}

/**
 * Holds back development identities and keys where they must not be.
 * AppError CONFIG_INVALID, naming OIDC_ISSUER, when the environment is production.
 */
export function refuseInProduction({ NODE_ENV }: { NODE_ENV: string }): void {
  if (NODE_ENV !== 'production') return;
  throw new AppError(
    'CONFIG_INVALID',
    'OIDC_ISSUER must name your identity provider: development identities are refused in production.',
    { extensions: { variable: 'OIDC_ISSUER' } },
  );
}
