import type { Authenticate, HttpRoute } from '../gateway/options.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { toPublicKey } from '../lib/signing-key.ts';
import { createTokenVerifier } from '../lib/verify-token.ts';
import { developmentIssuer, loadDevelopmentKey, refuseInProduction } from '../sandbox/identity/development.ts';
import { createDevelopmentProvider } from '../sandbox/identity/provider.ts';

/** Who verifies tokens, and the routes of the development identity provider where that is us. */
export interface Authentication {
  readonly authenticate: Authenticate;
  readonly routes: readonly HttpRoute[];
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
    return { authenticate: (token) => verifier.verify(token), routes: [] };
  }
  refuseInProduction(config);
  const issuer = developmentIssuer(config);
  const key = toPublicKey(await loadDevelopmentKey(config.DATA_DIR));
  const verifier = createTokenVerifier({
    issuer,
    audience,
    keys: { jwks: { keys: [{ ...key }] } },
    clock: systemClock,
    logger,
  });
  const provider = createDevelopmentProvider({ issuer, audience, dataDir: config.DATA_DIR });
  return { authenticate: (token) => verifier.verify(token), routes: [provider] };
}
