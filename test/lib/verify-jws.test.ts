import { existsSync, readFileSync } from 'node:fs';
import type { JWK, JWSHeaderParameters } from 'jose';
import { describe, expect, it } from 'vitest';
import { toKeySet } from '../../lib/key-set.ts';
import { verifyJws } from '../../lib/verify-jws.ts';
import { encode, hmacParts, makeRsaKey, signParts } from './token-forge.ts';

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  readonly result: 'valid' | 'invalid';
}
interface Group {
  readonly private?: JWK;
  readonly public?: JWK;
  readonly tests: readonly Vector[];
}

const file = new URL('../../../shared/data/security/wycheproof/json_web_signature_test.json', import.meta.url);
const present = existsSync(file);
const groups: Group[] = present ? JSON.parse(readFileSync(file, 'utf8')).testGroups : [];
if (!present) console.warn("SKIPPED: Wycheproof's json_web_signature_test.json of the shared data is absent");

const EVERY_ALGORITHM = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const algorithms = [...EVERY_ALGORITHM, 'ES256', 'ES384', 'ES512', 'EdDSA'];

function findIn(keys: readonly JWK[]) {
  const set = toKeySet({ keys: [...keys] });
  return async (header: JWSHeaderParameters) => {
    const key = await set.find(header);
    if (!key) throw new Error('no such key');
    return key;
  };
}

async function isAccepted(jws: string, keys: readonly JWK[]): Promise<boolean> {
  return verifyJws(jws, { algorithms, findKey: findIn(keys) }).then(
    () => true,
    () => false,
  );
}

/** The public half, as an issuer would publish it. */
function published({ private: secret, public: open }: Group): JWK {
  const { d, p, q, dp, dq, qi, ...half } = { ...(open ?? secret) };
  return half as JWK;
}

/** Valid vectors we refuse: an empty payload is no token (259 to 325); keys that name another `alg` than the header (RFC 7520 figures 20, 27). */
const KNOWN_REFUSALS = [259, 264, 268, 272, 320, 325, 346, 347, 350, 351];

const vectors = groups.flatMap((group) => group.tests.map((vector) => ({ vector, key: published(group) })));

describe.skipIf(!present)('Wycheproof, JSON Web Signature', () => {
  it('has all its 401 vectors here', () => expect(vectors).toHaveLength(401));

  it('refuses all 355 invalid ones, whatever algorithms are allowed', async () => {
    const invalid = vectors.filter(({ vector }) => vector.result === 'invalid');
    const accepted = [];
    for (const { vector, key } of invalid) if (await isAccepted(vector.jws, [key])) accepted.push(vector.tcId);
    expect([invalid.length, accepted]).toEqual([355, []]);
  });

  it('accepts the valid ones signed with a public key, so that the refusals mean something', async () => {
    const valid = vectors.filter(({ vector, key }) => vector.result === 'valid' && key.kty !== 'oct');
    const refused = [];
    for (const { vector, key } of valid) if (!(await isAccepted(vector.jws, [key]))) refused.push(vector.tcId);
    expect(refused).toEqual(KNOWN_REFUSALS);
    expect(valid.length).toBeGreaterThan(KNOWN_REFUSALS.length + 20);
  });

  it('refuses the valid ones signed with a shared secret: a published key is no secret', async () => {
    const shared = vectors.filter(({ vector, key }) => vector.result === 'valid' && key.kty === 'oct');
    expect(shared.length).toBeGreaterThan(5);
    for (const { vector, key } of shared) expect(await isAccepted(vector.jws, [key]), vector.comment).toBe(false);
  });
});

describe('verifyJws', () => {
  const key = makeRsaKey('k');
  const options = { algorithms: ['RS256'], findKey: findIn([key.jwk]) };

  it('returns header and payload of a text whose signature holds', async () => {
    const verified = await verifyJws(signParts({ alg: 'RS256', kid: 'k' }, { a: 1 }, key), options);
    expect(verified).toEqual({ header: { alg: 'RS256', kid: 'k' }, payload: encode({ a: 1 }) });
  });

  it.each([{ alg: 'RS512' }, { alg: 'none' }, { alg: ['RS256'] }, { alg: 'HS256' }])(
    'never looks for a key when the header says %j',
    async (header) => {
      let asked = 0;
      const findKey = async () => {
        asked += 1;
        return options.findKey({});
      };
      const text = hmacParts({ kid: 'k', ...header }, {}, 'secret');
      await expect(verifyJws(text, { ...options, findKey })).rejects.toThrow('alg is not allowed');
      expect(asked).toBe(0);
    },
  );
});
