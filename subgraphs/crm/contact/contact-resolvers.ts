import type { ListArguments } from '../../kit/list-question.ts';
import { loadById } from '../../kit/load-by-id.ts';
import { listPage } from '../../kit/relay-list.ts';
import type { Resolvers, SubgraphContext } from '../../kit/service.ts';
import type { Crm } from '../client.ts';
import { recordMutations } from '../record/record-mutations.ts';
import { contactKind } from './contact-kind.ts';
import { contactList } from './contact-list.ts';
import type { ContactRow } from './contact-row.ts';

/** Resolvers of contacts. Other fields are stored under the graph's names. */
export function contactResolvers(crm: Crm): Resolvers {
  const load = (id: string | null, context: SubgraphContext) =>
    id === null ? null : loadById(context, crm.contacts, id);
  const list = contactList(crm);
  return {
    Query: {
      contact: (_parent, { id }: { id: string }, context) => load(id, context),
      contacts: (_parent, args: ListArguments, context) => listPage(list, args, context, 'contacts'),
    },
    Mutation: recordMutations(crm, contactKind(crm)),
    Contact: {
      __resolveReference: ({ id }: { id: string }, context: SubgraphContext) => load(id, context),
      id: (row: ContactRow) => row._id,
      displayName: ({ displayName, givenName, familyName }: ContactRow) =>
        displayName ?? (givenName === null ? familyName : `${givenName} ${familyName}`),
      account: (row: ContactRow, _args, context) =>
        row.accountId === null ? null : loadById(context, crm.accounts, row.accountId),
      reportsTo: (row: ContactRow, _args, context) => load(row.reportsToId, context),
    },
  };
}
