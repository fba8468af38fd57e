/** Clocks of issuer and verifier may differ by this much. */
export const SKEW_MS = 60_000;

/** What the claims of a token are held against. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly audience: string;
  /** The longest time from now to `exp`, in milliseconds. */
  readonly maxLifetimeMs: number;
}

/** A NumericDate (RFC 7519 §2) in milliseconds. Throws TypeError for texts, negative numbers and what JSON makes of 1e999. */
function toMilliseconds(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new TypeError(name);
  return value * 1_000;
}

function names(audience: unknown, wanted: string): boolean {
  return audience === wanted || (Array.isArray(audience) && audience.includes(wanted));
}

/**
 * When a token ends, in milliseconds, once `iss`, `aud`, `iat`, `nbf` and `exp` hold (RFC 7519 §4.1, RFC 9068 §2.2), give or take
 * `SKEW_MS`: issuer and audience are exact texts, `iat` and `exp` are required, `exp` may not be absurdly far. Throws TypeError otherwise.
 */
export function checkClaims(claims: Record<string, unknown>, expected: ExpectedClaims, now: number): number {
  const { iss, aud, iat, nbf, exp } = claims;
  if (iss !== expected.issuer) throw new TypeError('iss');
  if (!names(aud, expected.audience)) throw new TypeError('aud');
  if (toMilliseconds(iat, 'iat') > now + SKEW_MS) throw new TypeError('iat is ahead');
  if (nbf !== undefined && toMilliseconds(nbf, 'nbf') > now + SKEW_MS) throw new TypeError('nbf is ahead');
  const expiresAt = toMilliseconds(exp, 'exp');
  if (expiresAt + SKEW_MS <= now) throw new TypeError('exp is past');
  if (expiresAt > now + expected.maxLifetimeMs + SKEW_MS) throw new TypeError('exp is too far');
  return expiresAt;
}

/** Whether `typ` is the media type wanted, with or without its `application/` (RFC 7515 §4.1.9, RFC 9068 §4). */
export function isType(typ: unknown, wanted: string): boolean {
  return typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === wanted;
}
