import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../lib/clock.ts';
import { createTokenVerifier, type TokenVerifierOptions } from '../../lib/verify-token.ts';
import { AUDIENCE, ISSUER, makeClaims, makeEcKey, makeHeader, NOW, signParts } from './token-forge.ts';

const key = makeEcKey('ec');
const refused = expect.objectContaining({ code: 'UNAUTHENTICATED', message: 'A valid access token is required.' });

function setUp(changes: Partial<TokenVerifierOptions> = {}) {
  const clock = createFrozenClock(NOW);
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: { jwks: { keys: [key.jwk] } }, clock, ...changes };
  return { clock, verifier: createTokenVerifier(options) };
}

const makeToken = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  signParts(makeHeader(key, header), makeClaims(claims), key, 'ES256');

describe('createTokenVerifier', () => {
  it('returns who the token speaks for', async () => {
    expect(await setUp().verifier.verify(makeToken())).toEqual({
      subject: 'ada',
      tenant: 'acme',
      roles: ['sales'],
      scopes: ['customers:read', 'contacts:readonly'],
      expiresAt: NOW + 3_600_000,
      tokenId: 'token-1',
    });
  });

  it('grants nothing when scope and roles are left out', async () => {
    const identity = await setUp().verifier.verify(makeToken({ scope: null, roles: null, jti: null }));
    expect(identity).toMatchObject({ scopes: [], roles: [], tokenId: null });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an audience among several', { aud: ['other', AUDIENCE] }],
    ['an empty scope', { scope: '' }],
    ['a token issued 60 s ahead', { iat: NOW / 1_000 + 60 }],
    ['a token good 60 s from now', { nbf: NOW / 1_000 + 60 }],
    ['a token that ended 59 s ago', { iat: NOW / 1_000 - 600, exp: NOW / 1_000 - 59 }],
    ['a token for 24 hours', { exp: NOW / 1_000 + 86_400 }],
  ])('accepts %s', async (_, claims) => {
    await expect(setUp().verifier.verify(makeToken(claims))).resolves.toMatchObject({ subject: 'ada' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no tenant', { tenant: null }],
    ['an empty tenant', { tenant: '' }],
    ['a tenant of 64 characters', { tenant: 'a'.repeat(64) }],
    ['a tenant with a line feed at its end', { tenant: 'acme\n' }],
    ['a list of tenants', { tenant: ['acme'] }],
    ['an empty subject', { sub: '' }],
    ['a subject with a line feed', { sub: 'ada\nadmin' }],
    ['a subject of 256 characters', { sub: 'a'.repeat(256) }],
    ['roles as a text', { roles: 'admin' }],
    ['a role that is no text', { roles: [{}] }],
    ['scopes two spaces apart', { scope: 'a  b' }],
    ['a scope with a space before it', { scope: ' a' }],
    ['a thousand scopes', { scope: 'a '.repeat(1_000).trim() }],
    ['a token id that is no text', { jti: 1 }],
    ['no issue time', { iat: null }],
    ['an issue time as a text', { iat: '1' }],
    ['a token issued 61 s ahead', { iat: NOW / 1_000 + 61 }],
    ['a token that ended 60 s ago', { exp: NOW / 1_000 - 60 }],
    ['a token for more than a day', { exp: NOW / 1_000 + 86_461 }],
    ['a start as a text', { nbf: '1' }],
  ])('refuses %s', async (_, claims) => {
    await expect(setUp().verifier.verify(makeToken(claims))).rejects.toEqual(refused);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no type', { typ: null }],
    ['the type of another token', { typ: 'logout+jwt' }],
    ['a type that is no text', { typ: ['at+jwt'] }],
    ['an empty key id', { kid: '' }],
  ])('refuses %s in the header', async (_, header) => {
    await expect(setUp().verifier.verify(makeToken({}, header))).rejects.toEqual(refused);
  });

  it.each<Record<string, unknown>>([{ typ: 'application/AT+JWT' }, { kid: null }])(
    'accepts the header member %j',
    async (header) => {
      await expect(setUp().verifier.verify(makeToken({}, header))).resolves.toMatchObject({ subject: 'ada' });
    },
  );

  it('takes the word of a provider with another type when it is told to', async () => {
    const { verifier } = setUp({ type: 'jwt' });
    await expect(verifier.verify(makeToken({}, { typ: 'JWT' }))).resolves.toMatchObject({ subject: 'ada' });
    await expect(verifier.verify(makeToken())).rejects.toEqual(refused);
  });

  it('refuses any text that is not a good token, and any good token with one character changed', async () => {
    const { verifier } = setUp();
    const good = makeToken();
    await verifier.verify(good);
    const altered = fc
      .tuple(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, other]) => good.slice(0, at) + other + good.slice(at + 1))
      .filter((text) => text !== good);
    await fc.assert(
      fc.asyncProperty(fc.oneof(altered, fc.string()), async (text) => {
        await expect(verifier.verify(text)).rejects.toEqual(refused);
      }),
      { numRuns: 300 },
    );
  });

  it('hands out one identity object per token, so that what is derived from it can be remembered', async () => {
    const { verifier } = setUp();
    const token = makeToken();
    expect(await verifier.verify(token)).toBe(await verifier.verify(token));
  });

  it('ends a remembered token when it expires', async () => {
    const { verifier, clock } = setUp();
    const token = makeToken({ exp: NOW / 1_000 + 10 });
    await verifier.verify(token);
    clock.advance(69_999);
    await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'ada' });
    clock.advance(1);
    await expect(verifier.verify(token)).rejects.toEqual(refused);
  });

  it('asks for revocation every time, also when the token is remembered', async () => {
    const revoked = new Set<string>();
    const { verifier } = setUp({ isRevoked: async (tokenId) => revoked.has(tokenId) });
    const token = makeToken();
    await verifier.verify(token);
    revoked.add('token-1');
    await expect(verifier.verify(token)).rejects.toEqual(refused);
  });

  it('forgets a remembered token after a minute, so that a key that left the set stops counting', async () => {
    let keys: object[] = [key.jwk];
    const fetchKeys = async () => Response.json({ keys });
    const { verifier, clock } = setUp({ keys: { jwksUri: 'https://issuer.example/jwks' }, fetch: fetchKeys });
    await verifier.verify(makeToken());
    keys = [makeEcKey('next').jwk];
    clock.advance(600_000);
    const token = makeToken({ jti: 'other' });
    await verifier.verify(token);
    await new Promise(setImmediate);
    await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'ada' });
    clock.advance(60_000);
    await expect(verifier.verify(token)).rejects.toEqual(refused);
  });
});
