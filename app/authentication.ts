import type { Authenticate, HttpRoute } from '../gateway/options.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { toPublicKey } from '../lib/signing-key.ts';
import { createTokenVerifier } from '../lib/verify-token.ts';
import { DEMO_TENANTS, type DemoUser } from '../sandbox/identity/demo-users.ts';
import { developmentIssuer, loadDevelopmentKey, refuseInProduction } from '../sandbox/identity/development.ts';
import { mintToken } from '../sandbox/identity/mint-token.ts';
import { createDevelopmentProvider } from '../sandbox/identity/provider.ts';

/** Who verifies tokens, and the routes of the development identity provider where that is us. */
export interface Authentication {
  readonly authenticate: Authenticate;
  readonly routes: readonly HttpRoute[];
  /** A token of a person of the demo, for the explorer; null where a real provider signs people in. */
  readonly mint: ((user: DemoUser) => Promise<string>) | null;
}

/** Longer than a working day: a page of the explorer stays open. */
const EXPLORER_TOKEN_MS = 12 * 3_600_000;

/** Tokens of `OIDC_ISSUER`, or of the development provider mounted at `/oidc`. AppError CONFIG_INVALID in production without an issuer. */
export async function openAuthentication(config: Config, logger: Logger): Promise<Authentication> {
  if (!config.OIDC_ISSUER) return openDevelopment(config, logger);
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_TOKEN_TYPE: type } = config;
  const verifier = createTokenVerifier({ issuer, audience, type, keys: 'discovery', clock: systemClock, logger });
  return { authenticate: (token) => verifier.verify(token), routes: [], mint: null };
}

async function openDevelopment(config: Config, logger: Logger): Promise<Authentication> {
  refuseInProduction(config);
  const issuer = developmentIssuer(config);
  const audience = config.OIDC_AUDIENCE;
  const key = await loadDevelopmentKey(config.DATA_DIR);
  const keys = { jwks: { keys: [{ ...toPublicKey(key) }] } };
  const verifier = createTokenVerifier({ issuer, audience, keys, tenants: DEMO_TENANTS, clock: systemClock, logger });
  const provider = createDevelopmentProvider({ issuer, audience, dataDir: config.DATA_DIR });
  const mint = ({ role, tenant }: DemoUser) =>
    mintToken({ role, tenant, key, issuer, audience, lifetime: EXPLORER_TOKEN_MS, clock: systemClock });
  return { authenticate: (token) => verifier.verify(token), routes: [provider], mint };
}
