import type { Identity } from './identity.ts';

/** A tenant's name, as in tokens, documents and event headers. */
export const TENANT = /^[a-z0-9-]{1,63}$/;

/** OpenID Connect Core §2: at most 255 ASCII characters; control characters would break log lines. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
/** `scope-token` of RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const ROLE = /^[\x21-\x7e]{1,100}$/;
const MAX_SCOPES = 200;
const MAX_ROLES = 50;

/** Whether a value may name a person or a machine. Names every object inherits are refused: they break look-up tables. */
function isSubject(value: unknown): value is string {
  return typeof value === 'string' && SUBJECT.test(value) && !(value in Object.prototype);
}

/** Scopes of a `scope` claim: split on single spaces, exact texts; none when the claim is absent or empty. */
function toScopes(scope: unknown): string[] {
  if (scope === undefined || scope === '') return [];
  if (typeof scope !== 'string') throw new TypeError('scope is not a text');
  const scopes = scope.split(' ');
  if (scopes.length > MAX_SCOPES || !scopes.every((token) => SCOPE.test(token))) throw new TypeError('scope shape');
  return scopes;
}

function toRoles(roles: unknown): string[] {
  if (roles === undefined) return [];
  const ok = Array.isArray(roles) && roles.length <= MAX_ROLES;
  if (!ok || !roles.every((role) => typeof role === 'string' && ROLE.test(role))) throw new TypeError('roles shape');
  return roles;
}

/** The identity in verified claims. Throws TypeError when `sub`, `tenant`, `roles`, `scope` or `jti` has a wrong shape. */
export function toIdentity(claims: Record<string, unknown>, expiresAt: number): Identity {
  const { sub, tenant, roles, scope, jti } = claims;
  if (!isSubject(sub)) throw new TypeError('sub shape');
  if (typeof tenant !== 'string' || !TENANT.test(tenant)) throw new TypeError('tenant shape');
  if (jti !== undefined && (typeof jti !== 'string' || jti.length > 255)) throw new TypeError('jti shape');
  return { subject: sub, tenant, roles: toRoles(roles), scopes: toScopes(scope), expiresAt, tokenId: jti ?? null };
}
