import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { AppError } from './errors.ts';

/** A public Ed25519 key as JWK (RFC 8037), named by its thumbprint. */
export interface PublicSigningKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

/** A private Ed25519 key as JWK. Never logged, never sent. */
export interface PrivateSigningKey extends PublicSigningKey {
  readonly d: string;
}

const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

/** RFC 7638 thumbprint: the members in alphabetical order, without spaces, SHA-256. */
function toThumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}

function toPrivateSigningKey(jwk: { x: string; d: string; kid?: string }): PrivateSigningKey {
  const kid = jwk.kid ?? toThumbprint(jwk.x);
  return { kty: 'OKP', crv: 'Ed25519', x: jwk.x, d: jwk.d, kid, alg: 'EdDSA', use: 'sig' };
}

/** A new key pair. */
export function generateSigningKey(): PrivateSigningKey {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return toPrivateSigningKey({ x: String(x), d: String(d) });
}

/** What others need to check signatures of the key: everything but `d`. */
export function toPublicKey({ kty, crv, x, kid, alg, use }: PrivateSigningKey): PublicSigningKey {
  return { kty, crv, x, kid, alg, use };
}

/**
 * A private key from the JSON text of a JWK, for example of SUBGRAPH_IDENTITY_KEY; `kid` is the thumbprint when absent.
 * AppError CONFIG_INVALID names `source`, never the text.
 */
export function parseSigningKey(text: string, source: string): PrivateSigningKey {
  try {
    const { kty, crv, x, d, kid } = JSON.parse(text) as Record<string, unknown>;
    const isKey = kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && typeof d === 'string';
    if (!isKey || !COORDINATE.test(x) || !COORDINATE.test(d)) throw new TypeError('not an Ed25519 key');
    const key = toPrivateSigningKey({ x, d, ...(typeof kid === 'string' && kid !== '' ? { kid } : {}) });
    const derived = createPublicKey(toKeyObject(key)).export({ format: 'jwk' });
    if (derived.x !== x) throw new TypeError('the public half is of another key');
    return key;
  } catch {
    // The cause may quote the text, which is a secret.
    throw new AppError('CONFIG_INVALID', `${source} must be a private Ed25519 key as JWK.`, {
      extensions: { variable: source },
    });
  }
}

/** The key as node:crypto wants it: private when it has `d`, public otherwise. */
export function toKeyObject(key: PublicSigningKey | PrivateSigningKey): KeyObject {
  const { kty, crv, x } = key;
  return 'd' in key
    ? createPrivateKey({ format: 'jwk', key: { kty, crv, x, d: key.d } })
    : createPublicKey({ format: 'jwk', key: { kty, crv, x } });
}
