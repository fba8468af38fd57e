import type { ListArguments, ListSpec } from '../../kit/relay-list.ts';
import type { StripeModels } from '../mirror/models.ts';
import type { InvoiceRow, SubscriptionRow } from '../mirror/rows.ts';

const order = { CREATED_AT: { path: 'createdAt', kind: 'date' } } as const;
const defaultOrder = { field: 'CREATED_AT', direction: 'DESC' } as const;

/** Invoices, newest first. */
export function invoiceList({ invoice }: StripeModels): ListSpec<InvoiceRow> {
  const filter = { status: { path: 'status' }, accountId: { path: 'accountId' } };
  return { model: invoice, filter, order, defaultOrder };
}

/** Subscriptions, newest first. */
export function subscriptionList({ subscription }: StripeModels): ListSpec<SubscriptionRow> {
  return { model: subscription, filter: { status: { path: 'status' } }, order, defaultOrder };
}

/** Arguments of a list field of the schema. */
export interface ListInput {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly status?: readonly string[] | null;
  readonly accountId?: string | null;
}

/** The arguments as the kit's lists take them; absent and null filters are no filter. */
export function toListArguments({ first = null, after = null, status, accountId }: ListInput): ListArguments {
  const filter = {
    ...(status ? { status: { in: status.map((name) => name.toLowerCase()) } } : {}),
    ...(typeof accountId === 'string' ? { accountId: { eq: accountId } } : {}),
  };
  return { first, after, filter };
}
