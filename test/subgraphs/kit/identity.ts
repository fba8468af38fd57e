import type { Identity } from '../../../lib/identity.ts';
import { createContext } from '../../../subgraphs/kit/context.ts';
import type { SubgraphContext } from '../../../subgraphs/kit/service.ts';

/** All that a test may do in the CRM. */
export const ALL_SCOPES = ['customers:read', 'customers:write', 'pii:read'];

/** Somebody of a tenant with these scopes. */
export function identityOf(tenant = 'acme', scopes: readonly string[] = ALL_SCOPES): Identity {
  return {
    subject: `someone@${tenant}`,
    tenant,
    roles: ['sales'],
    scopes,
    expiresAt: 4_000_000_000_000,
    tokenId: null,
  };
}

/** The context of one operation of that person. */
export function contextOf(identity: Identity = identityOf()): SubgraphContext {
  return createContext(identity, 'request-1');
}
