import { existingIds } from '../kit/load-by-id.ts';
import { defineService } from '../kit/service.ts';
import { createCrm } from './client.ts';
import { createResolvers } from './resolvers.ts';

/** CRM: the organisations and people you deal with. */
export const crm = defineService({
  name: 'crm',
  schema: new URL('./schema.graphql', import.meta.url),
  createClient: createCrm,
  resolvers: createResolvers,
  nodes: { acc: 'Account', con: 'Contact' },
  exists: async ({ client }, tenant, ids) => {
    const ofPrefix = (prefix: string) => ids.filter((id) => id.startsWith(`${prefix}_`));
    const found = await Promise.all([
      existingIds(client.accounts, tenant, ofPrefix('acc')),
      existingIds(client.contacts, tenant, ofPrefix('con')),
    ]);
    return new Set(found.flat());
  },
});
