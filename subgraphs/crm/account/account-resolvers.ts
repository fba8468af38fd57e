import type { ListArguments } from '../../kit/list-question.ts';
import { loadById } from '../../kit/load-by-id.ts';
import { toMoney } from '../../kit/money.ts';
import { childPage, listPage } from '../../kit/relay-list.ts';
import type { Resolvers, SubgraphContext } from '../../kit/service.ts';
import type { Crm } from '../client.ts';
import { contactList } from '../contact/contact-list.ts';
import { recordMutations } from '../record/record-mutations.ts';
import { accountKind } from './account-kind.ts';
import { accountList } from './account-list.ts';
import type { AccountRow } from './account-row.ts';

/** Resolvers of accounts. Other fields are stored under the graph's names. */
export function accountResolvers(crm: Crm): Resolvers {
  const load = (id: string | null, context: SubgraphContext) =>
    id === null ? null : loadById(context, crm.accounts, id);
  const list = accountList(crm);
  const contacts = contactList(crm);
  return {
    Query: {
      account: (_parent, { id }: { id: string }, context) => load(id, context),
      accounts: (_parent, args: ListArguments, context) => listPage(list, args, context, 'accounts'),
    },
    Mutation: recordMutations(crm, accountKind(crm)),
    Account: {
      __resolveReference: ({ id }: { id: string }, context: SubgraphContext) => load(id, context),
      id: (row: AccountRow) => row._id,
      annualRevenue: ({ annualRevenue }: AccountRow) => annualRevenue && toMoney(annualRevenue),
      parent: (row: AccountRow, _args, context) => load(row.parentId, context),
      contacts: (row: AccountRow, args: ListArguments, context) =>
        childPage(contacts, args, context, { list: 'Account.contacts', path: 'accountId', id: row._id }),
      primaryContact: (row: AccountRow, _args, context) => primaryContact(crm, row, context),
    },
  };
}

/** Null once the contact has been deleted or has moved to another account. */
async function primaryContact({ contacts }: Crm, row: AccountRow, context: SubgraphContext) {
  if (row.primaryContactId === null) return null;
  const contact = await loadById(context, contacts, row.primaryContactId);
  return contact && !contact.deletedAt && contact.accountId === row._id ? contact : null;
}
