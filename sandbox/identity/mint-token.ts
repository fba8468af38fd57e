import { SignJWT } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { newUlid } from '../../lib/ids.ts';
import { type PrivateSigningKey, toKeyObject } from '../../lib/signing-key.ts';
import { type DemoTenant, demoUser } from './demo-users.ts';
import { ROLE_SCOPES, type Role } from './roles.ts';

/** Who the token is for and how it is signed. */
export interface MintOptions {
  readonly role: Role;
  /** @default 'acme' */
  readonly tenant?: DemoTenant;
  readonly key: PrivateSigningKey;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds, in whole seconds. @default one hour */
  readonly lifetime?: number;
  readonly clock: Clock;
}

/** `client_id` of tokens that no client asked for (RFC 9068 §2.2 requires one). */
const CLIENT_ID = 'tributary-cli';

/** An access token of a demo user, in the form in which the development provider issues them (RFC 9068). */
export async function mintToken(options: MintOptions): Promise<string> {
  const { role, key, clock, lifetime = 3_600_000 } = options;
  const user = demoUser(role, options.tenant ?? 'acme');
  const issuedAt = Math.floor(clock.now() / 1_000);
  const claims = {
    tenant: user.tenant,
    roles: [user.role],
    scope: ROLE_SCOPES[role].join(' '),
    client_id: CLIENT_ID,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
    .setJti(newUlid())
    .setSubject(user.subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(lifetime / 1_000))
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .sign(toKeyObject(key));
}
