import { sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactEncrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearerToken } from '../../lib/bearer-token.ts';
import { createFrozenClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { meetsScopes } from '../../lib/identity.ts';
import { createTokenVerifier, type TokenVerifierOptions } from '../../lib/verify-token.ts';
import {
  AUDIENCE,
  encode,
  hmacParts,
  ISSUER,
  makeClaims,
  makeEcKey,
  makeHeader,
  makeRsaKey,
  NOW,
  signParts,
} from './token-forge.ts';

interface Case {
  readonly id: string;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signWith: string;
  readonly expect: string;
}

const file = new URL('../../../shared/data/security/attacks/jwt-attacks.json', import.meta.url);
const present = existsSync(file);
const cases: Case[] = present ? JSON.parse(readFileSync(file, 'utf8')).cases : [];
if (!present) console.warn('SKIPPED: jwt-attacks.json of the shared data is absent');

const rsa = makeRsaKey('rsa-1');
const ec = makeEcKey('ec-1');
const weak = makeRsaKey('weak', 1_024);
const attacker = makeRsaKey('rsa-1');
const jwks = { keys: [rsa.jwk, ec.jwk] };

function makeVerifier(changes: Partial<TokenVerifierOptions> = {}) {
  return createTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { jwks },
    tenants: ['acme', 'globex'],
    isRevoked: (tokenId) => tokenId === 'revoked',
    clock: createFrozenClock(NOW),
    ...changes,
  });
}

async function isAccepted(token: string, verifier = makeVerifier()): Promise<boolean> {
  try {
    await verifier.verify(token);
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') throw error;
    expect(error.message).toBe('A valid access token is required.');
    return false;
  }
}

/** Placeholders of the data pack. */
function fill(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fill);
  if (value === '"9999999999"') return '9999999999';
  if (value === 'upper case of ISS') return ISSUER.toUpperCase();
  if (typeof value !== 'string') return value;
  const offset = /^now([+-]\d+)(y?)$/.exec(value);
  if (offset) return NOW / 1_000 + Number(offset[1]) * (offset[2] ? 31_557_600 : 1);
  return value.replace('ISS', ISSUER);
}

function fillAll(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, fill(value)]));
}

const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const hmacSecrets: Record<string, string | Buffer> = {
  'hmac:""': '',
  'hmac:issuer public key as pem': pem,
  'hmac:issuer public key as pem without trailing newline': pem.trimEnd(),
  'hmac:issuer public key as der': rsa.publicKey.export({ type: 'spki', format: 'der' }),
  'hmac:issuer public key as jwk n': String(rsa.jwk.n),
  'hmac:issuer public key as jwk json': JSON.stringify(rsa.jwk),
};

async function encryptTo(header: object): Promise<string> {
  const token = await new CompactEncrypt(Buffer.from(JSON.stringify(makeClaims())))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
    .encrypt(rsa.publicKey);
  const parts = token.split('.');
  return [encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM', ...header }), ...parts.slice(1)].join('.');
}

const alterations: Record<string, (good: string) => string> = {
  'padding added': (good) => `${good}=`,
  'space inside': (good) => good.replace('.', ' .'),
  'url-unsafe + and /': (good) => {
    const at = good.lastIndexOf('.');
    return good.slice(0, at) + good.slice(at).replaceAll('-', '+').replaceAll('_', '/');
  },
  'newline at end': (good) => `${good}\n`,
  'extra dot': (good) => `${good}.`,
  'five parts as JWS': (good) => `${good}.AAAA.AAAA`,
  '1 MB token': () => signParts(makeHeader(rsa), makeClaims({ filler: 'x'.repeat(1_000_000) }), rsa),
  'UTF-8 BOM in payload': () => signParts(makeHeader(rsa), `\uFEFF${JSON.stringify(makeClaims())}`, rsa),
  'duplicate JSON key exp': () =>
    signParts(makeHeader(rsa), JSON.stringify(makeClaims()).replace('"exp"', '"exp":1,"\\u0065xp"'), rsa),
  'payload is an array': () => signParts(makeHeader(rsa), [makeClaims()], rsa),
  'payload is not JSON': () => signParts(makeHeader(rsa), 'not json', rsa),
  'header is not JSON': () => signParts('not json', makeClaims(), rsa),
};

/** Every token a case stands for. */
async function forge({ header: changes, claims: claimChanges, signWith }: Case): Promise<string[]> {
  const key = changes['alg'] === 'ES256' ? ec : rsa;
  const header = makeHeader(key, fillAll(changes));
  const claims = makeClaims(fillAll(claimChanges));
  if (signWith in hmacSecrets) return [hmacParts(header, claims, hmacSecrets[signWith]!)];
  const altered = /^correct, then altered: (.*)$/.exec(signWith)?.[1];
  if (altered) return [alterations[altered]!(signParts(header, claims, rsa))];
  const input = `${encode(header)}.${encode(claims)}`;
  switch (signWith) {
    case 'correct':
      return [signParts(header, claims, rsa)];
    case 'correct key, RS512':
      return [signParts(header, claims, rsa, 'RS512')];
    case 'empty':
      return [`${input}.`];
    case 'absent':
      return [input];
    case '64 zero bytes':
      return [`${input}.${Buffer.alloc(64).toString('base64url')}`];
    case 'DER instead of P1363':
      return [`${input}.${sign('sha256', Buffer.from(input), ec.privateKey).toString('base64url')}`];
    case 'attacker key':
      return [signParts(header, claims, attacker)];
    case 'hmac:"" or attacker key':
      return [hmacParts({ ...header, alg: 'HS256' }, claims, ''), signParts(header, claims, attacker)];
    case 'encrypted only with public key':
    case 'encrypted, 100 MB inflated':
      return [await encryptTo(changes)];
    default:
      throw new Error(`the data pack has a new way to sign: ${signWith}`);
  }
}

/** A JWKS endpoint in process: what it publishes and whether it answers may change. */
function makeEndpoint(keys: object[]) {
  const endpoint = { keys, up: true, requests: 0, wait: Promise.resolve() };
  const fetchKeys = async () => {
    endpoint.requests += 1;
    await endpoint.wait;
    if (!endpoint.up) throw new TypeError('fetch failed');
    return Response.json({ keys: endpoint.keys });
  };
  const clock = createFrozenClock(NOW);
  const verifier = makeVerifier({ keys: { jwksUri: 'https://issuer.example/jwks' }, fetch: fetchKeys, clock });
  return { endpoint, clock, verifier };
}

const good = () => signParts(makeHeader(rsa), makeClaims(), rsa);
const goodWithId = (jti: string, key = rsa) => signParts(makeHeader(key), makeClaims({ jti }), key);

/** Cases that are about more than one token. */
const stories: Record<string, () => Promise<void>> = {
  'weak-rsa-1024': async () => {
    const verifier = makeVerifier({ keys: { jwks: { keys: [weak.jwk] } } });
    expect(await isAccepted(signParts(makeHeader(weak), makeClaims(), weak), verifier)).toBe(false);
  },
  'kid-unknown-flood-1000': async () => {
    const { endpoint, clock, verifier } = makeEndpoint([rsa.jwk]);
    expect(await isAccepted(good(), verifier)).toBe(true);
    clock.advance(30_000);
    const flood = Array.from({ length: 1_000 }, (_, index) =>
      isAccepted(signParts(makeHeader(rsa, { kid: `random-${index}` }), makeClaims(), rsa), verifier),
    );
    expect(new Set(await Promise.all(flood))).toEqual(new Set([false]));
    expect(endpoint.requests).toBe(2);
    expect(await isAccepted(goodWithId('during'), verifier)).toBe(true);
    expect(endpoint.requests).toBe(2);
  },
  'scope-substring': async () => {
    const { scopes } = await makeVerifier().verify(good());
    expect(meetsScopes(scopes, [['contacts:readonly']])).toBe(true);
    expect(meetsScopes(scopes, [['contacts:read']])).toBe(false);
  },
  'exp-float-nan': async () => {
    const text = JSON.stringify(makeClaims()).replace(/"exp":\d+/, '"exp":NaN');
    expect(await isAccepted(signParts(makeHeader(rsa), text, rsa))).toBe(false);
    expect(await isAccepted(signParts(makeHeader(rsa), makeClaims({ exp: 'NaN' }), rsa))).toBe(false);
  },
  'jwk-embedded': async () => {
    const header = makeHeader(rsa, { jwk: attacker.jwk });
    expect(await isAccepted(signParts(header, makeClaims(), attacker))).toBe(false);
  },
  'two-authorization-headers': async () => {
    const two = ['Authorization', `Bearer ${good()}`, 'authorization', 'Bearer other'];
    expect(() => bearerToken(two)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  },
  'token-in-query-string': async () => {
    expect(bearerToken(['Host', `127.0.0.1/graphql?access_token=${good()}`])).toBeNull();
  },
  'bearer-lowercase': async () => {
    const token = good();
    expect(await isAccepted(bearerToken(['authorization', `bearer ${token}`]) ?? '')).toBe(true);
  },
  'rotation-old-key-grace': async () => {
    const next = makeEcKey('next');
    const { endpoint, clock, verifier } = makeEndpoint([rsa.jwk]);
    expect(await isAccepted(goodWithId('a'), verifier)).toBe(true);
    endpoint.keys = [rsa.jwk, next.jwk];
    clock.advance(30_000);
    const byNext = signParts(makeHeader(next), makeClaims({ jti: 'b' }), next, 'ES256');
    expect([await isAccepted(byNext, verifier), await isAccepted(goodWithId('c'), verifier)]).toEqual([true, true]);
    endpoint.keys = [next.jwk];
    clock.advance(600_000);
    await isAccepted(goodWithId('d'), verifier);
    await new Promise(setImmediate);
    expect(await isAccepted(goodWithId('e'), verifier)).toBe(false);
  },
  'jwks-down-cached': async () => {
    const loaded = makeEndpoint([rsa.jwk]);
    expect(await isAccepted(goodWithId('a'), loaded.verifier)).toBe(true);
    loaded.endpoint.up = false;
    loaded.clock.advance(3_000_000);
    const later = signParts(makeHeader(rsa), makeClaims({ jti: 'b' }), rsa);
    expect(await isAccepted(later, loaded.verifier)).toBe(true);
    const never = makeEndpoint([rsa.jwk]);
    never.endpoint.up = false;
    await expect(never.verifier.verify(good())).rejects.toMatchObject({
      code: 'IDENTITY_PROVIDER_UNAVAILABLE',
      status: 503,
    });
    never.endpoint.up = true;
    never.clock.advance(2_000);
    expect(await isAccepted(good(), never.verifier)).toBe(true);
  },
  'jwks-slow-10s': async () => {
    const { endpoint, clock, verifier } = makeEndpoint([rsa.jwk]);
    expect(await isAccepted(goodWithId('a'), verifier)).toBe(true);
    let answer = () => {};
    endpoint.wait = new Promise((resolve) => {
      answer = resolve;
    });
    clock.advance(600_000);
    const stuck = isAccepted(signParts(makeHeader(rsa, { kid: 'new' }), makeClaims(), rsa), verifier);
    expect(await isAccepted(goodWithId('b'), verifier)).toBe(true);
    answer();
    expect(await stuck).toBe(false);
  },
  'jwks-oct-key-served': async () => {
    const oct = { kty: 'oct', kid: 'shared', alg: 'HS256', k: Buffer.from('s'.repeat(32)).toString('base64url') };
    const token = hmacParts(makeHeader(rsa, { alg: 'HS256', kid: 'shared' }), makeClaims(), 's'.repeat(32));
    expect(await isAccepted(token, makeVerifier({ keys: { jwks: { keys: [oct] } } }))).toBe(false);
    const lax = makeVerifier({ keys: { jwks: { keys: [oct] } }, algorithms: ['HS256'] });
    expect(await isAccepted(token, lax)).toBe(false);
  },
  'same-kid-two-keys': async () => {
    const verifier = makeVerifier({ keys: { jwks: { keys: [rsa.jwk, attacker.jwk] } } });
    expect([await isAccepted(good(), verifier), await isAccepted(goodWithId('a', attacker), verifier)]).toEqual([
      false,
      false,
    ]);
  },
};

async function followsNoUrl(attack: Case): Promise<void> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(JSON.stringify({ keys: [attacker.jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const header = JSON.parse(JSON.stringify(attack.header).replace('PORT', String(port)));
  const [token] = await forge({ ...attack, header });
  expect(await isAccepted(token!)).toBe(false);
  expect(requests).toBe(0);
  await new Promise((resolve) => server.close(resolve));
}

describe.skipIf(!present)('the 89 token attacks of the data pack', () => {
  it('are all here', () => expect(cases).toHaveLength(89));

  it.each(cases.map((attack) => [attack.id.slice(0, 60), attack] as const))('%s', async (_, attack) => {
    const story = stories[attack.id];
    if (story) return story();
    if (attack.signWith === 'attacker key' && JSON.stringify(attack.header).includes('PORT'))
      return followsNoUrl(attack);
    for (const token of await forge(attack)) {
      const began = performance.now();
      expect(await isAccepted(token)).toBe(attack.expect.startsWith('accept'));
      expect(performance.now() - began).toBeLessThan(500);
    }
  });
});
