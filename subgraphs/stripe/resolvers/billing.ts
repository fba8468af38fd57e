import DataLoader from 'dataloader';
import { childPage } from '../../kit/relay-list.ts';
import type { SubgraphContext } from '../../kit/service.ts';
import { sumByCurrency } from '../mapping/index.ts';
import type { StripeModels } from '../mirror/models.ts';
import type { CustomerRow, InvoiceRow, SubscriptionRow } from '../mirror/rows.ts';
import { invoiceList, type ListInput, subscriptionList, toListArguments } from './lists.ts';

/** What `StripeBilling` is resolved from. */
interface Billing {
  readonly accountId: string;
  readonly customer: CustomerRow;
}

/** Subscriptions that bring money in, month by month. */
const RECURRING = ['active', 'past_due'];

/** `Account.billing` and what is in it. All accounts of one operation are one store command a field. */
export function billingResolvers(models: StripeModels) {
  return {
    Account: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      billing: async ({ id }: { id: string }, _args: unknown, context: SubgraphContext): Promise<Billing | null> => {
        const customer = await customersOf(models, context).load(id);
        return customer && { accountId: id, customer };
      },
    },
    StripeBilling: {
      subscriptions: ({ accountId }: Billing, args: ListInput, context: SubgraphContext) =>
        childPage(subscriptionList(models), toListArguments(args), context, {
          list: 'StripeBilling.subscriptions',
          path: 'accountId',
          id: accountId,
        }),
      invoices: ({ accountId }: Billing, args: ListInput, context: SubgraphContext) =>
        childPage(invoiceList(models), toListArguments(args), context, {
          list: 'StripeBilling.invoices',
          path: 'accountId',
          id: accountId,
        }),
      mrr: async ({ accountId }: Billing, _args: unknown, context: SubgraphContext) => {
        const rows = await recurringOf(models, context).load(accountId);
        return sumByCurrency(rows.map(({ monthlyAmount: minor, currency }) => ({ minor, currency })));
      },
      outstanding: async ({ accountId }: Billing, _args: unknown, context: SubgraphContext) => {
        const rows = await openOf(models, context).load(accountId);
        return sumByCurrency(rows.map(({ amountRemaining: minor, currency }) => ({ minor, currency })));
      },
    },
  };
}

/** The oldest customer of an account that was not deleted. */
function customersOf(models: StripeModels, context: SubgraphContext) {
  return byAccount(context, 'StripeBilling.customer', async (condition) => {
    const rows = await models.customer.find({ ...condition, deletedAt: null } as object).lean<CustomerRow[]>();
    return (of) => oldest(rows.filter(({ accountId }) => accountId === of));
  });
}

function recurringOf(models: StripeModels, context: SubgraphContext) {
  return byAccount(context, 'StripeBilling.mrr', async (condition) => {
    const status = { $in: RECURRING };
    const rows = await models.subscription.find({ ...condition, status } as object).lean<SubscriptionRow[]>();
    return (of) => rows.filter(({ accountId }) => accountId === of);
  });
}

function openOf(models: StripeModels, context: SubgraphContext) {
  return byAccount(context, 'StripeBilling.outstanding', async (condition) => {
    const open = { ...condition, status: 'open', deletedAt: null };
    const rows = await models.invoice.find(open as object).lean<InvoiceRow[]>();
    return (of) => rows.filter(({ accountId }) => accountId === of);
  });
}

function byAccount<Value>(
  context: SubgraphContext,
  name: string,
  find: (condition: object) => Promise<(accountId: string) => Value>,
): DataLoader<string, Value> {
  return context.loader(
    name,
    () =>
      new DataLoader<string, Value>(async (ids) => {
        const pick = await find({ tenant: context.identity.tenant, accountId: { $in: [...ids] } });
        return ids.map(pick);
      }),
  );
}

function oldest(rows: readonly CustomerRow[]): CustomerRow | null {
  const before = (a: CustomerRow, b: CustomerRow) =>
    a.createdAt.getTime() - b.createdAt.getTime() || (a._id < b._id ? -1 : 1);
  return [...rows].sort(before)[0] ?? null;
}
