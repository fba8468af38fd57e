import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWSHeaderParameters,
} from 'jose';

/** Keys that check signatures. */
export interface KeySet {
  /** The key a token's header names, or null when the set has none. Throws when it names more than one. */
  find(header: JWSHeaderParameters): Promise<CryptoKey | null>;
}

const ASYMMETRIC = new Set<unknown>(['RSA', 'EC', 'OKP']);
const MAX_KEYS = 100;

/** Where a token's key comes from: a set in hand, or one that is fetched. */
export type FindKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

function isJwks(value: unknown): value is JSONWebKeySet {
  const keys: unknown = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : null;
  return Array.isArray(keys) && keys.length <= MAX_KEYS && keys.every((key) => typeof key?.kty === 'string');
}

/** Public halves only: a symmetric key in a published set is a secret everybody knows; a key id used twice names nothing. */
function usable(keys: readonly JWK[]): JWK[] {
  const times = new Map<unknown, number>();
  for (const { kid } of keys) times.set(kid, (times.get(kid) ?? 0) + 1);
  return keys.filter(({ kty, kid }) => ASYMMETRIC.has(kty) && (kid === undefined || times.get(kid) === 1));
}

/** A key set over a JWKS document (RFC 7517 §5). Throws TypeError when it is not one. */
export function toKeySet(jwks: unknown): KeySet {
  if (!isJwks(jwks)) throw new TypeError('not a JSON Web Key Set');
  const select = createLocalJWKSet({ keys: usable(jwks.keys) });
  return {
    async find(header) {
      try {
        return await select(header);
      } catch (error) {
        if (error instanceof errors.JWKSNoMatchingKey) return null;
        throw error;
      }
    },
  };
}
