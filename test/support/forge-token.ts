import { createHmac, sign } from 'node:crypto';
import { generateSigningKey, toKeyObject, toPublicKey } from '../../lib/signing-key.ts';
import { developmentIssuer, loadDevelopmentKey } from '../../sandbox/identity/development.ts';

/** What a forged token changes of a good one. A member set to undefined is left out. */
export interface Forgery {
  readonly header?: object;
  readonly claims?: object;
  /** `attacker`: another key under the same name. `hmac`: the public key taken for a secret. @default 'issuer' */
  readonly by?: 'issuer' | 'attacker' | 'hmac' | 'nobody';
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Makes tokens as the development provider of the server at `url` would, but for what is changed. */
export async function tokenForge({ url, dataDir }: { url: string; dataDir: string }) {
  const key = await loadDevelopmentKey(dataDir);
  const { hostname, port } = new URL(url);
  const issuer = developmentIssuer({ HOST: hostname, PORT: Number(port) });
  const attacker = generateSigningKey();
  const signers = {
    issuer: (input: string) => sign(null, Buffer.from(input), toKeyObject(key)),
    attacker: (input: string) => sign(null, Buffer.from(input), toKeyObject(attacker)),
    hmac: (input: string) =>
      createHmac('sha256', JSON.stringify(toPublicKey(key)))
        .update(input)
        .digest(),
    nobody: () => Buffer.alloc(0),
  };
  return ({ header = {}, claims = {}, by = 'issuer' }: Forgery = {}): string => {
    const now = Math.floor(Date.now() / 1_000);
    const good = { iss: issuer, aud: 'tributary', sub: 'acme-sales', tenant: 'acme', roles: ['sales'] };
    const times = { scope: 'customers:read', iat: now, exp: now + 600 };
    const input = `${encode({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header })}.${encode({ ...good, ...times, ...claims })}`;
    return `${input}.${signers[by](input).toString('base64url')}`;
  };
}
