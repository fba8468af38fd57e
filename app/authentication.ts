import type { Authenticate, HttpRoute } from '../gateway/options.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { toPublicKey } from '../lib/signing-key.ts';
import { createTokenVerifier } from '../lib/verify-token.ts';
import type { DemoUser } from '../sandbox/identity/demo-users.ts';
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

/** Tokens of `OIDC_ISSUER`, or of the development provider mounted at `/oidc`. AppError CONFIG_INVALID in production without an issuer. */
export async function openAuthentication(config: Config, logger: Logger): Promise<Authentication> {
  const audience = config.OIDC_AUDIENCE;
  if (config.OIDC_ISSUER) {
    const verifier = createTokenVerifier({
      issuer: config.OIDC_ISSUER,
      audience,
      keys: 'discovery',
      clock: systemClock,
      logger,
    });
    return { authenticate: (token) => verifier.verify(token), routes: [], mint: null };
  }
  refuseInProduction(config);
  const issuer = developmentIssuer(config);
  const key = await loadDevelopmentKey(config.DATA_DIR);
  const verifier = createTokenVerifier({
    issuer,
    audience,
    keys: { jwks: { keys: [{ ...toPublicKey(key) }] } },
    clock: systemClock,
    logger,
  });
  const provider = createDevelopmentProvider({ issuer, audience, dataDir: config.DATA_DIR });
  const mint = ({ role, tenant }: DemoUser) => mintToken({ role, tenant, key, issuer, audience, clock: systemClock });
  return { authenticate: (token) => verifier.verify(token), routes: [provider], mint };
}
