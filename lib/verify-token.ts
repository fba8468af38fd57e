import { errors, type JSONWebKeySet } from 'jose';
import { createBoundedCache } from './bounded-cache.ts';
import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';
import type { Identity } from './identity.ts';
import { toIdentity } from './identity-claims.ts';
import { type FindKey, toKeySet } from './key-set.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createRemoteKeys } from './remote-keys.ts';
import { parseJsonPart } from './strict-json.ts';
import { checkClaims, isType, SKEW_MS } from './token-claims.ts';
import { unauthenticated } from './unauthenticated.ts';
import { verifyJws } from './verify-jws.ts';

/** Signature algorithms accepted unless told otherwise: asymmetric ones only. */
export const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

const CACHE_MS = 60_000;
const CACHE_LIMIT = 5_000;

/** Whose tokens are accepted, and for what. */
export interface TokenVerifierOptions {
  /** `iss`, compared byte by byte. */
  readonly issuer: string;
  /** What `aud` must be or contain. */
  readonly audience: string;
  /** The issuer's keys: in hand, at a URL, or where its discovery document says. */
  readonly keys: { readonly jwks: JSONWebKeySet } | { readonly jwksUri: string } | 'discovery';
  /** @default TOKEN_ALGORITHMS */
  readonly algorithms?: readonly string[];
  /** `typ` of access tokens (RFC 9068 §4). @default 'at+jwt' */
  readonly type?: string;
  /** The longest time from now to `exp`, in milliseconds. @default 24 hours */
  readonly maxLifetimeMs?: number;
  /** When given, tokens of other tenants are refused. */
  readonly tenants?: readonly string[];
  /** Whether a token was revoked, by its `jti`; asked every time, also for tokens verified before. */
  readonly isRevoked?: (tokenId: string) => boolean | Promise<boolean>;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  readonly logger?: Logger;
  /** Milliseconds between two fetches of the keys. @default 30 000 */
  readonly cooldownMs?: number;
}

/** Verifies the access tokens of one issuer. */
export interface TokenVerifier {
  /**
   * Who the token speaks for. AppError UNAUTHENTICATED, always the same text, for any token that is not good;
   * IDENTITY_PROVIDER_UNAVAILABLE while the issuer's keys could not be fetched even once.
   */
  verify(token: string): Promise<Identity>;
}

function toFindKey(options: TokenVerifierOptions): FindKey {
  const { keys, issuer, clock, fetch = globalThis.fetch, logger = silentLogger, cooldownMs = 30_000 } = options;
  if (keys === 'discovery') return createRemoteKeys({ location: { issuer }, clock, fetch, logger, cooldownMs });
  if ('jwksUri' in keys) return createRemoteKeys({ location: keys, clock, fetch, logger, cooldownMs });
  const set = toKeySet(keys.jwks);
  return async (header) => {
    const key = await set.find(header);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
}

function createCheck(options: TokenVerifierOptions): (token: string, now: number) => Promise<Identity> {
  const { issuer, audience, tenants, type = 'at+jwt', maxLifetimeMs = 86_400_000 } = options;
  const signature = { algorithms: options.algorithms ?? TOKEN_ALGORITHMS, findKey: toFindKey(options) };
  return async (token, now) => {
    const { header, payload } = await verifyJws(token, signature);
    if (!isType(header['typ'], type)) throw new TypeError('typ');
    const claims = parseJsonPart(payload);
    const identity = toIdentity(claims, checkClaims(claims, { issuer, audience, maxLifetimeMs }, now));
    if (tenants && !tenants.includes(identity.tenant)) throw new TypeError('unknown tenant');
    return identity;
  };
}

/**
 * A verifier of JWT access tokens (RFC 9068, RFC 8725). Tokens found good are remembered by their exact bytes for up to 60 s,
 * 5,000 of them; expiry and revocation are looked at every time.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { clock, isRevoked } = options;
  const check = createCheck(options);
  const verified = createBoundedCache<{ identity: Identity; until: number }>(CACHE_LIMIT);

  async function remember(token: string): Promise<Identity> {
    const now = clock.now();
    const known = verified.get(token);
    if (known && now < known.until) return known.identity;
    verified.delete(token);
    const identity = await check(token, now);
    verified.set(token, { identity, until: Math.min(now + CACHE_MS, identity.expiresAt + SKEW_MS) });
    return identity;
  }

  return {
    async verify(token) {
      try {
        const identity = await remember(token);
        if (identity.tokenId !== null && (await isRevoked?.(identity.tokenId))) throw new TypeError('revoked');
        return identity;
      } catch (error) {
        if (error instanceof AppError) throw error;
        throw unauthenticated(error);
      }
    },
  };
}
