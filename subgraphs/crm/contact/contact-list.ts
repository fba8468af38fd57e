import type { ListSpec } from '../../kit/list-question.ts';
import type { Crm } from '../client.ts';
import type { ContactRow } from './contact-row.ts';

/** How contacts are listed. */
export function contactList({ contacts }: Crm): ListSpec<ContactRow> {
  return {
    model: contacts,
    filter: {
      name: { path: 'nameKey', text: 'folded' },
      email: { path: 'emailKeys', text: 'lower', many: true, scopes: ['pii:read'] },
      accountId: { path: 'accountId' },
      reportsToId: { path: 'reportsToId' },
      lifecycleStage: { path: 'lifecycleStage' },
      createdAt: { path: 'createdAt' },
      updatedAt: { path: 'updatedAt' },
    },
    order: {
      NAME: { path: 'nameKey', kind: 'text' },
      CREATED_AT: { path: 'createdAt', kind: 'date' },
      UPDATED_AT: { path: 'updatedAt', kind: 'date' },
    },
    defaultOrder: { field: 'CREATED_AT', direction: 'DESC' },
  };
}
