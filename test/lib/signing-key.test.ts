import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, parseSigningKey, toKeyObject, toPublicKey } from '../../lib/signing-key.ts';

const key = generateSigningKey();

describe('signing keys', () => {
  it('are named by the thumbprint of RFC 7638', async () => {
    expect(key.kid).toBe(await calculateJwkThumbprint({ ...key }));
  });

  it('sign what their public half verifies', () => {
    const signature = sign(null, Buffer.from('text'), toKeyObject(key));
    expect(verify(null, Buffer.from('text'), toKeyObject(toPublicKey(key)), signature)).toBe(true);
    expect(verify(null, Buffer.from('other'), toKeyObject(toPublicKey(key)), signature)).toBe(false);
  });

  it('have a public half without the secret', () => {
    const half = toPublicKey(key);
    expect(Object.keys(half).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(toKeyObject(half).type).toBe('public');
  });
});

describe('parseSigningKey', () => {
  it('reads what JSON.stringify writes of a key', () => {
    expect(parseSigningKey(JSON.stringify(key), 'X')).toEqual(key);
  });

  it('names a key that has no name, and keeps the name of one that has', () => {
    const { kty, crv, x, d } = key;
    expect(parseSigningKey(JSON.stringify({ kty, crv, x, d }), 'X')).toEqual(key);
    expect(parseSigningKey(JSON.stringify({ kty, crv, x, d, kid: 'mine' }), 'X').kid).toBe('mine');
  });

  it.each<[string, string]>([
    ['no JSON', `${key.d}`],
    ['null', 'null'],
    ['no private half', JSON.stringify(toPublicKey(key))],
    ['halves of two keys', JSON.stringify({ ...key, x: generateSigningKey().x })],
    ['another curve', JSON.stringify({ ...key, crv: 'X25519' })],
    [
      'another type',
      JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })),
    ],
    ['a short secret', JSON.stringify({ ...key, d: key.d.slice(1) })],
  ])('names the source, and never the secret, given %s', (_, text) => {
    try {
      parseSigningKey(text, 'SUBGRAPH_IDENTITY_KEY');
      expect.unreachable();
    } catch (error) {
      const { code, message, stack, cause, extensions } = error as Error & { code: string; extensions: object };
      expect([code, extensions]).toEqual(['CONFIG_INVALID', { variable: 'SUBGRAPH_IDENTITY_KEY' }]);
      expect(`${message}${stack}${String(cause)}`).not.toContain(key.d.slice(1, 20));
    }
  });
});
