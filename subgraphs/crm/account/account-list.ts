import type { ListSpec } from '../../kit/list-question.ts';
import type { Crm } from '../client.ts';
import type { AccountRow } from './account-row.ts';

/** How accounts are listed. */
export function accountList({ accounts }: Crm): ListSpec<AccountRow> {
  return {
    model: accounts,
    filter: {
      name: { path: 'nameKey', text: 'folded' },
      domain: { path: 'domain', text: 'lower' },
      industry: { path: 'industryKey', text: 'folded' },
      kind: { path: 'kind' },
      lifecycleStage: { path: 'lifecycleStage' },
      employeeCount: { path: 'employeeCount' },
      parentId: { path: 'parentId' },
      createdAt: { path: 'createdAt' },
      updatedAt: { path: 'updatedAt' },
    },
    order: {
      NAME: { path: 'nameKey', kind: 'text' },
      CREATED_AT: { path: 'createdAt', kind: 'date' },
      UPDATED_AT: { path: 'updatedAt', kind: 'date' },
      EMPLOYEE_COUNT: { path: 'employeeCount', kind: 'number', nullable: true },
    },
    defaultOrder: { field: 'CREATED_AT', direction: 'DESC' },
  };
}
