import { mergeResolvers } from '../kit/merge-resolvers.ts';
import type { Resolvers, Service, SubgraphContext } from '../kit/service.ts';
import { accountResolvers } from './account/account-resolvers.ts';
import type { Crm } from './client.ts';
import { contactResolvers } from './contact/contact-resolvers.ts';

/** All resolvers of the CRM. */
export function createResolvers({ client }: Service<Crm>): Resolvers {
  return mergeResolvers(accountResolvers(client), contactResolvers(client), { Query: { viewer } });
}

function viewer(_parent: unknown, _args: unknown, { identity }: SubgraphContext) {
  const { subject, tenant, roles, scopes } = identity;
  return { subject, tenant, roles, scopes };
}
