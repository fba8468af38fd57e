import type { Clock } from '../../lib/clock.ts';
import type { Store } from '../../store/store.ts';
import { createIdempotencyKeys, type IdempotencyKeys } from '../kit/idempotency.ts';
import type { RowModel } from '../kit/row.ts';
import type { Runtime } from '../kit/service.ts';
import { type AccountRow, accountModel } from './account/account-row.ts';
import { type ContactRow, contactModel } from './contact/contact-row.ts';
import { createHierarchyLock, type HierarchyLock } from './record/hierarchy.ts';

/** What the CRM works on. */
export interface Crm {
  readonly store: Store;
  readonly clock: Clock;
  readonly accounts: RowModel<AccountRow>;
  readonly contacts: RowModel<ContactRow>;
  readonly keys: IdempotencyKeys;
  readonly hierarchy: HierarchyLock;
}

/** The CRM's collections on a runtime's store. */
export function createCrm({ store, clock }: Pick<Runtime, 'store' | 'clock'>): Crm {
  const { connection } = store;
  return {
    store,
    clock,
    accounts: accountModel(connection),
    contacts: contactModel(connection),
    keys: createIdempotencyKeys(connection, 'crm'),
    hierarchy: createHierarchyLock(connection),
  };
}
