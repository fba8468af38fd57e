import { sign, verify } from 'node:crypto';
import { createBoundedCache } from './bounded-cache.ts';
import type { Clock } from './clock.ts';
import { isCompactJws, splitJws } from './compact-jws.ts';
import { AppError } from './errors.ts';
import type { Identity } from './identity.ts';
import { toIdentity } from './identity-claims.ts';
import { type PrivateSigningKey, type PublicSigningKey, toKeyObject } from './signing-key.ts';
import { parseJsonPart } from './strict-json.ts';
import { SKEW_MS } from './token-claims.ts';

/** The header that carries the gateway's word on who acts. */
export const IDENTITY_HEADER = 'x-tributary-identity';

const ISSUER = 'tributary-gateway';
const LIFETIME_S = 60;
/** A signed identity is not handed out in its last seconds: it must still hold when the subgraph reads it. */
const RENEW_BEFORE_MS = 15_000;
/** How far the clocks of gateway and subgraph may differ. */
const SUBGRAPH_SKEW_S = 5;
const CACHE_LIMIT = 5_000;

/** Signs for the gateway. */
export interface IdentitySigner {
  /**
   * The identity as an EdDSA JWT (RFC 8037) for one subgraph, good for 60 s, signed once per identity and subgraph while it lasts.
   * AppError UNAUTHENTICATED for nobody, or when the caller's own token has ended.
   */
  sign(identity: Identity | null, subgraph: string): Promise<string>;
}

/** Verifies for one subgraph. */
export interface IdentityVerifier {
  /** Who acts. AppError UNAUTHENTICATED for whatever was not signed by the gateway for this subgraph in the last minute. */
  verify(token: string | undefined): Promise<Identity>;
}

function toBase64Url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The only header segment a key makes; the verifier compares bytes, so that algorithm and `crit` are not open to argument. */
function toHeader(kid: string): string {
  return toBase64Url({ alg: 'EdDSA', typ: 'tributary-identity+jwt', kid });
}

function refuse(cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'This service answers to its gateway only.', { cause });
}

function toClaims(identity: Identity, subgraph: string, issuedAt: number): object {
  return {
    iss: ISSUER,
    aud: subgraph,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_S,
    sub: identity.subject,
    tenant: identity.tenant,
    roles: identity.roles,
    scope: identity.scopes.join(' '),
    token_exp: identity.expiresAt,
    ...(identity.tokenId === null ? {} : { jti: identity.tokenId }),
  };
}

interface Signed {
  readonly token: string;
  readonly renewAt: number;
}

/** Equal identities have equal names. */
function toName({ subject, tenant, roles, scopes, expiresAt, tokenId }: Identity, subgraph: string): string {
  return JSON.stringify([subgraph, subject, tenant, roles, scopes, expiresAt, tokenId]);
}

/** A signer over the gateway's private key. `keyId` replaces the key's own `kid`. */
export function createIdentitySigner(options: {
  privateKey: PrivateSigningKey;
  clock: Clock;
  keyId?: string;
}): IdentitySigner {
  const key = toKeyObject(options.privateKey);
  const header = toHeader(options.keyId ?? options.privateKey.kid);
  const byName = createBoundedCache<Signed>(CACHE_LIMIT);
  // A token verified before is always the same object, which saves naming it for each fetch of a request.
  const byObject = new WeakMap<Identity, Map<string, Signed>>();

  function make(identity: Identity, subgraph: string, now: number): Signed {
    const issuedAt = Math.floor(now / 1_000);
    const input = `${header}.${toBase64Url(toClaims(identity, subgraph, issuedAt))}`;
    const token = `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
    return { token, renewAt: (issuedAt + LIFETIME_S) * 1_000 - RENEW_BEFORE_MS };
  }

  function remember(identity: Identity, subgraph: string, now: number): Signed {
    const name = toName(identity, subgraph);
    const known = byName.get(name);
    const signed = known && now < known.renewAt ? known : make(identity, subgraph, now);
    byName.set(name, signed);
    const ofObject = byObject.get(identity) ?? new Map();
    byObject.set(identity, ofObject.set(subgraph, signed));
    return signed;
  }

  return {
    async sign(identity, subgraph) {
      const now = options.clock.now();
      if (!identity || identity.expiresAt + SKEW_MS <= now) throw refuse();
      const known = byObject.get(identity)?.get(subgraph);
      return known && now < known.renewAt ? known.token : remember(identity, subgraph, now).token;
    },
  };
}

interface Verified {
  readonly identity: Identity;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

function toVerified(claims: Record<string, unknown>, subgraph: string): Verified {
  const { iss, aud, iat, exp, token_exp } = claims;
  if (iss !== ISSUER || aud !== subgraph) throw new TypeError('for another subgraph');
  if (!Number.isSafeInteger(iat) || exp !== Number(iat) + LIFETIME_S) throw new TypeError('lifetime shape');
  if (!Number.isFinite(token_exp)) throw new TypeError('token_exp shape');
  const issuedAt = Number(iat);
  return { identity: toIdentity(claims, Number(token_exp)), issuedAt, expiresAt: issuedAt + LIFETIME_S };
}

/** A verifier for one subgraph; several public keys while the gateway's key is being replaced. */
export function createIdentityVerifier(options: {
  publicKeys: readonly PublicSigningKey[];
  subgraph: string;
  clock: Clock;
}): IdentityVerifier {
  const keys = new Map(options.publicKeys.map((key) => [toHeader(key.kid), toKeyObject(key)]));
  const verified = createBoundedCache<Verified>(CACHE_LIMIT);

  function check(token: string): Verified {
    if (!isCompactJws(token)) throw new TypeError('not a compact JWS');
    const { header, payload, signature, signed } = splitJws(token);
    const key = keys.get(header);
    if (!key || !verify(null, Buffer.from(signed), key, Buffer.from(signature, 'base64url')))
      throw new TypeError('signature');
    return toVerified(parseJsonPart(payload), options.subgraph);
  }

  function remember(token: string): Verified {
    const known = verified.get(token);
    if (known) return known;
    const fresh = check(token);
    verified.set(token, fresh);
    return fresh;
  }

  return {
    async verify(token) {
      if (typeof token !== 'string') throw refuse();
      const now = options.clock.now() / 1_000;
      try {
        const { identity, issuedAt, expiresAt } = remember(token);
        if (now >= expiresAt + SUBGRAPH_SKEW_S || now < issuedAt - SUBGRAPH_SKEW_S) throw new TypeError('lifetime');
        return identity;
      } catch (cause) {
        throw refuse(cause);
      }
    },
  };
}
