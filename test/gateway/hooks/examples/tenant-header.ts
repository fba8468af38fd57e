import type { GatewayHooks } from '../../../../gateway/index.ts';

/** Tells one subgraph, and no other, whose data is asked for. */
export const tenantHeader: GatewayHooks = {
  name: 'tenant-header',
  onFetch({ subgraph, context }) {
    if (subgraph !== 'billing' || !context.identity) return;
    return { headers: { 'x-tenant': context.identity.tenant } };
  },
};
