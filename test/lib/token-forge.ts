import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';

/** The frozen present of every token test. */
export const NOW = Date.UTC(2026, 5, 1);
export const ISSUER = 'https://issuer.example/oidc';
export const AUDIENCE = 'our-api';

/** A key pair and how its public half is published. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
  readonly jwk: JWK;
}

function toTestKey(pair: { privateKey: KeyObject; publicKey: KeyObject }, kid: string, alg: string): TestKey {
  return { ...pair, kid, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } as JWK };
}

export function makeRsaKey(kid: string, modulusLength = 2_048): TestKey {
  return toTestKey(generateKeyPairSync('rsa', { modulusLength }), kid, 'RS256');
}

export function makeEcKey(kid: string): TestKey {
  return toTestKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid, 'ES256');
}

export const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** Signs any header and any payload, JSON or not, as the algorithm says; the header may claim another. */
export function signParts(header: unknown, payload: unknown, key: TestKey, algorithm = 'RS256'): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const hash = algorithm === 'RS512' ? 'sha512' : 'sha256';
  const options =
    algorithm === 'ES256' ? ({ key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const) : key.privateKey;
  return `${input}.${sign(hash, Buffer.from(input), options).toString('base64url')}`;
}

export function hmacParts(header: unknown, payload: unknown, secret: string | Buffer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The claims of a good token; a member set to null is left out. */
export function makeClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'ada',
    tenant: 'acme',
    roles: ['sales'],
    scope: 'customers:read contacts:readonly',
    iat: NOW / 1_000,
    exp: NOW / 1_000 + 3_600,
    jti: 'token-1',
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}

/** The header of a good token; a member set to null is left out. */
export function makeHeader(key: TestKey, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const header = { alg: key.jwk.alg, typ: 'at+jwt', kid: key.kid, ...changes };
  return Object.fromEntries(Object.entries(header).filter(([, value]) => value !== null));
}
