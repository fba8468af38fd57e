import { systemClock } from '../../lib/clock.ts';
import { loadConfig } from '../../lib/config.ts';
import { AppError } from '../../lib/errors.ts';
import { untrustedReason } from '../../lib/untrusted-certificate.ts';
import { DEMO_TENANTS, isDemoTenant } from '../../sandbox/identity/demo-users.ts';
import { issuerAt, loadDevelopmentKey, PROVIDER_PREFIX } from '../../sandbox/identity/development.ts';
import { mintToken } from '../../sandbox/identity/mint-token.ts';
import { isRole, ROLES } from '../../sandbox/identity/roles.ts';

/**
 * The address that the development identity provider of a running server puts into tokens: not always the one it is reached
 * by. AppError SUBGRAPH_UNAVAILABLE when no server answers, NOT_FOUND when it has no such provider.
 */
export async function findDevelopmentProvider(url: string): Promise<string> {
  const answer = await fetch(`${url}${PROVIDER_PREFIX}/.well-known/openid-configuration`).catch((cause) => {
    const reason = untrustedReason(cause);
    const why = reason
      ? `The certificate at ${url} ${reason}. NODE_EXTRA_CA_CERTS names authorities of your own.`
      : `No server answers at ${url}. Start one with \`npm start\`.`;
    throw new AppError('SUBGRAPH_UNAVAILABLE', why, { cause });
  });
  const { issuer } = answer.ok ? ((await answer.json()) as { issuer?: string }) : {};
  if (issuer && URL.canParse(issuer)) return new URL(issuer).origin;
  throw new AppError('NOT_FOUND', `The server at ${url} has no development identities: the demo cannot sign in there.`);
}

/** Tokens of demo people for the server at `url` that keeps its data in `dataDir`; each good for an hour. */
export function developmentTokens({ dataDir, url }: { dataDir: string; url: string }) {
  const issuer = issuerAt(new URL(url).origin);
  return async (role: string, tenant = 'acme'): Promise<string> => {
    if (!isRole(role)) throw new AppError('BAD_USER_INPUT', `The role must be one of ${ROLES.join(', ')}.`);
    if (!isDemoTenant(tenant))
      throw new AppError('BAD_USER_INPUT', `The tenant must be one of ${DEMO_TENANTS.join(', ')}.`);
    const key = await loadDevelopmentKey(dataDir);
    return mintToken({ role, tenant, key, issuer, audience: loadConfig().OIDC_AUDIENCE, clock: systemClock });
  };
}
