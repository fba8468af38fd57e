import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../lib/clock.ts';
import type { PrivateSigningKey } from '../../lib/signing-key.ts';
import type { DemoUser } from './demo-users.ts';
import { PROVIDER_PREFIX } from './development.ts';
import { createMemoryAdapterFactory } from './memory-adapter.ts';
import { ROLE_SCOPES, SCOPES } from './roles.ts';

/** A program that may send people here to sign in: public, code flow with PKCE. */
export interface DevelopmentClient {
  readonly clientId: string;
  /** Compared byte by byte, but for the port of a loopback address (RFC 9700 §4.1, RFC 8252 §7.3). */
  readonly redirectUris: readonly string[];
}

/** For programs on one's own machine, whatever port they listen on. */
export const DEVELOPMENT_CLIENT: DevelopmentClient = {
  clientId: 'tributary-development',
  redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
};

/** What the provider is made of. */
export interface ProviderOptions {
  readonly issuer: string;
  /** `aud` of the access tokens. */
  readonly audience: string;
  readonly key: PrivateSigningKey;
  readonly cookieSecret: string;
  readonly users: readonly DemoUser[];
  readonly clients: readonly DevelopmentClient[];
  readonly clock: Clock;
}

/** RFC 8707 wants a resource to be a URI; `aud` is the configured audience all the same. */
const RESOURCE = 'urn:tributary:graph';
const ACCESS_TOKEN_S = 3_600;

function userOf(users: readonly DemoUser[], subject: string | undefined): DemoUser | undefined {
  return users.find((user) => user.subject === subject);
}

/** Grants each person what their role may do, and says no to the rest, so that nobody is asked for consent. */
async function grantByRole(ctx: KoaContextWithOIDC, users: readonly DemoUser[]) {
  const { provider, client, session, requestParamScopes } = ctx.oidc;
  const user = userOf(users, session?.accountId);
  if (!client || !user) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: user.subject });
  const asked = [...requestParamScopes];
  const allowed = ROLE_SCOPES[user.role];
  grant.addOIDCScope('openid profile email offline_access');
  grant.addResourceScope(RESOURCE, asked.filter((scope) => allowed.includes(scope)).join(' '));
  grant.rejectResourceScope(RESOURCE, SCOPES.filter((scope) => !allowed.includes(scope)).join(' '));
  await grant.save();
  return grant;
}

function toClient({ clientId, redirectUris }: DevelopmentClient) {
  return {
    client_id: clientId,
    redirect_uris: [...redirectUris],
    application_type: 'native' as const,
    response_types: ['code' as const],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none' as const,
  };
}

function toResourceFeature({ audience, key }: ProviderOptions): NonNullable<Configuration['features']> {
  const resource = {
    scope: SCOPES.join(' '),
    audience,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: ACCESS_TOKEN_S,
    jwt: { sign: { alg: key.alg, kid: key.kid } },
  };
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => resource,
    },
  };
}

/** The settings of oidc-provider (its README, "Configuration options"). */
export function toProviderSettings(options: ProviderOptions): Configuration {
  const { users, key, clock } = options;
  return {
    adapter: createMemoryAdapterFactory(clock),
    clients: options.clients.map(toClient),
    clientDefaults: { id_token_signed_response_alg: key.alg },
    jwks: { keys: [{ ...key }] },
    cookies: { keys: [options.cookieSecret] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: ACCESS_TOKEN_S, IdToken: 3_600, Session: 86_400, Grant: 86_400, Interaction: 3_600 },
    features: toResourceFeature(options),
    interactions: { url: (_, { uid }) => `${PROVIDER_PREFIX}/interaction/${uid}` },
    loadExistingGrant: (ctx) => grantByRole(ctx, users),
    findAccount: (_, subject) => {
      const user = userOf(users, subject);
      if (!user) return undefined;
      return { accountId: subject, claims: () => ({ sub: subject, name: user.name, email: user.email }) };
    },
    extraTokenClaims: (_, token) => {
      const user = userOf(users, 'accountId' in token ? token.accountId : undefined);
      return user && { tenant: user.tenant, roles: [user.role] };
    },
    clientBasedCORS: (_, origin, client) => client.redirectUris?.some((uri) => new URL(uri).origin === origin) ?? false,
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  };
}
