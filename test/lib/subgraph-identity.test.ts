import { sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../lib/clock.ts';
import type { Identity } from '../../lib/identity.ts';
import { generateSigningKey, type PrivateSigningKey, toKeyObject, toPublicKey } from '../../lib/signing-key.ts';
import { createIdentitySigner, createIdentityVerifier } from '../../lib/subgraph-identity.ts';

const START = Date.UTC(2026, 0, 1);
const privateKey = generateSigningKey();
const publicKeys = [toPublicKey(privateKey)];
const ada: Identity = {
  subject: 'ada',
  tenant: 'acme',
  roles: ['sales'],
  scopes: ['customers:read', 'customers:write'],
  expiresAt: START + 3_600_000,
  tokenId: 'jti-1',
};

function setUp(subgraph = 'crm') {
  const clock = createFrozenClock(START);
  const signer = createIdentitySigner({ privateKey, clock });
  return { clock, signer, verifier: createIdentityVerifier({ publicKeys, subgraph, clock }) };
}

function forge(claims: object, header: object, key: PrivateSigningKey = privateKey): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), toKeyObject(key)).toString('base64url')}`;
}

const goodHeader = { alg: 'EdDSA', typ: 'tributary-identity+jwt', kid: privateKey.kid };
const goodClaims = {
  iss: 'tributary-gateway',
  aud: 'crm',
  iat: START / 1_000,
  exp: START / 1_000 + 60,
  sub: 'ada',
  tenant: 'acme',
  roles: ['sales'],
  scope: 'customers:read',
  token_exp: START + 3_600_000,
};
const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('subgraph identity', () => {
  it('carries the whole identity to the subgraph it is signed for', async () => {
    const { signer, verifier } = setUp();
    expect(await verifier.verify(await signer.sign(ada, 'crm'))).toEqual(ada);
  });

  it('carries any identity unchanged', async () => {
    const { signer, verifier } = setUp();
    const token = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,20}$/);
    const identity = fc.record({
      subject: fc.stringMatching(/^[\x20-\x7e]{1,40}$/).filter((text) => !(text in Object.prototype)),
      tenant: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
      roles: fc.array(token, { maxLength: 5 }),
      scopes: fc.array(token, { maxLength: 8 }),
      expiresAt: fc.integer({ min: START, max: START + 1e9 }),
      tokenId: fc.option(fc.string({ maxLength: 30 })),
    });
    await fc.assert(
      fc.asyncProperty(identity, async (one) => {
        expect(await verifier.verify(await signer.sign(one, 'crm'))).toEqual(one);
      }),
      { numRuns: 60 },
    );
  });

  it('accepts what it accepts by hand, so that the refusals below refuse for their one difference', async () => {
    const identity = await setUp().verifier.verify(forge(goodClaims, goodHeader));
    expect(identity).toMatchObject({ subject: 'ada', tokenId: null, expiresAt: START + 3_600_000 });
  });

  it.each<[string, object, object]>([
    ['another subgraph', { aud: 'stripe' }, {}],
    ['a list of subgraphs', { aud: ['crm'] }, {}],
    ['another issuer', { iss: 'https://evil.example' }, {}],
    ['a longer life', { exp: START / 1_000 + 3_600 }, {}],
    ['no issue time', { iat: undefined }, {}],
    ['a fractional issue time', { iat: START / 1_000 + 0.5, exp: START / 1_000 + 60.5 }, {}],
    ['a future issue time', { iat: START / 1_000 + 6, exp: START / 1_000 + 66 }, {}],
    ['no original expiry', { token_exp: null }, {}],
    ['no subject', { sub: undefined }, {}],
    ['a subject every object inherits', { sub: '__proto__' }, {}],
    ['no tenant', { tenant: undefined }, {}],
    ['an upper-case tenant', { tenant: 'ACME' }, {}],
    ['scopes as a list', { scope: ['customers:read'] }, {}],
    ['roles as a text', { roles: 'admin' }, {}],
    ['algorithm none', {}, { alg: 'none' }],
    ['algorithm HS256', {}, { alg: 'HS256' }],
    ['algorithm ES256', {}, { alg: 'ES256' }],
    ['another key id', {}, { kid: 'other' }],
    ['another type', {}, { typ: 'at+jwt' }],
    ['a critical extension', {}, { crit: ['b64'], b64: true }],
    ['an embedded key', {}, { jwk: toPublicKey(privateKey) }],
  ])('refuses %s', async (_, claims, header) => {
    const token = forge({ ...goodClaims, ...claims }, { ...goodHeader, ...header });
    await expect(setUp().verifier.verify(token)).rejects.toEqual(refused);
  });

  it('refuses another key under the same key id', async () => {
    const stranger = { ...generateSigningKey(), kid: privateKey.kid };
    await expect(setUp().verifier.verify(forge(goodClaims, goodHeader, stranger))).rejects.toEqual(refused);
  });

  it.each([undefined, '', 'x', '..', 'a.b.c', 'e30.e30.e30'])('refuses %j', async (token) => {
    await expect(setUp().verifier.verify(token)).rejects.toEqual(refused);
  });

  it('refuses every text that differs in one character', async () => {
    const { signer, verifier } = setUp();
    const token = await signer.sign(ada, 'crm');
    await verifier.verify(token);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const altered = token.slice(0, index) + other + token.slice(index + 1);
      await expect(verifier.verify(altered), `character ${index}`).rejects.toEqual(refused);
    }
  });

  it.each(['=', ' ', '\n', '.', '.e30'])('refuses a good token followed by %j', async (suffix) => {
    const { signer, verifier } = setUp();
    await expect(verifier.verify((await signer.sign(ada, 'crm')) + suffix)).rejects.toEqual(refused);
  });

  it('accepts for 60 s, give or take 5 s of clock, also when it was verified before', async () => {
    const { signer, verifier, clock } = setUp();
    const token = await signer.sign(ada, 'crm');
    clock.advance(64_999);
    await expect(verifier.verify(token)).resolves.toEqual(ada);
    clock.advance(1);
    await expect(verifier.verify(token)).rejects.toEqual(refused);
  });

  it('signs once per identity and subgraph, and anew well before the end', async () => {
    const { signer, clock } = setUp();
    const first = await signer.sign(ada, 'crm');
    clock.advance(44_999);
    expect(await signer.sign({ ...ada }, 'crm')).toBe(first);
    expect(await signer.sign(ada, 'stripe')).not.toBe(first);
    clock.advance(1);
    expect(await signer.sign(ada, 'crm')).not.toBe(first);
  });

  it.each<[string, Partial<Identity>]>([
    ['tenant', { tenant: 'globex' }],
    ['scopes', { scopes: ['customers:read'] }],
    ['roles', { roles: [] }],
    ['token id', { tokenId: null }],
    ['expiry', { expiresAt: START + 1 }],
  ])('does not share a signature between identities that differ in %s', async (_, difference) => {
    const { signer } = setUp();
    expect(await signer.sign({ ...ada, ...difference }, 'crm')).not.toBe(await signer.sign(ada, 'crm'));
  });

  it('refuses to sign for nobody, and once the token behind the identity has ended', async () => {
    const { signer, clock } = setUp();
    await expect(signer.sign(null, 'crm')).rejects.toEqual(refused);
    await signer.sign(ada, 'crm');
    clock.advance(3_660_000);
    await expect(signer.sign(ada, 'crm')).rejects.toEqual(refused);
  });

  it('accepts both keys while one replaces the other', async () => {
    const clock = createFrozenClock(START);
    const next = generateSigningKey();
    const both = [toPublicKey(privateKey), toPublicKey(next)];
    const verifier = createIdentityVerifier({ publicKeys: both, subgraph: 'crm', clock });
    for (const key of [privateKey, next]) {
      const signer = createIdentitySigner({ privateKey: key, clock });
      await expect(verifier.verify(await signer.sign(ada, 'crm'))).resolves.toEqual(ada);
    }
  });
});
