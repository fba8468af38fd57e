import { loadById } from '../../kit/load-by-id.ts';
import type { RowModel } from '../../kit/row.ts';
import type { Resolver, SubgraphContext } from '../../kit/service.ts';
import { toMoney } from '../mapping/index.ts';
import type { StripeModels } from '../mirror/models.ts';
import type { CustomerRow, InvoiceRow, ItemContent, LineContent, MirrorRow, SubscriptionRow } from '../mirror/rows.ts';

/** Fields of StripeCustomer, StripeSubscription and StripeInvoice, and what is in them. */
export function objectResolvers(models: StripeModels) {
  return {
    StripeCustomer: {
      ...shared,
      __resolveReference: byReference(models.customer),
      deleted: ({ deletedAt }: CustomerRow) => deletedAt !== null,
      balance: ({ balance, currency }: CustomerRow) => currency && toMoney(balance, currency),
    },
    StripeSubscription: {
      ...shared,
      __resolveReference: byReference(models.subscription),
      customer: byId(models.customer, 'customerId'),
      status: ({ status }: SubscriptionRow) => status.toUpperCase(),
      monthlyAmount: ({ monthlyAmount, currency }: SubscriptionRow) => toMoney(monthlyAmount, currency),
      items: ({ items, currency }: SubscriptionRow) => items.map((item) => ({ ...item, currency })),
    },
    StripeSubscriptionItem: {
      interval: ({ interval }: ItemContent) => interval.toUpperCase(),
      unitAmount: ({ unitAmount, currency }: ItemContent & { currency: string }) =>
        unitAmount === null ? null : toMoney(unitAmount, currency),
    },
    StripeInvoice: {
      ...shared,
      __resolveReference: byReference(models.invoice),
      deleted: ({ deletedAt }: InvoiceRow) => deletedAt !== null,
      customer: byId(models.customer, 'customerId'),
      subscription: byId(models.subscription, 'subscriptionId'),
      status: ({ status }: InvoiceRow) => status.toUpperCase(),
      total: amount('total'),
      amountDue: amount('amountDue'),
      amountPaid: amount('amountPaid'),
      amountRemaining: amount('amountRemaining'),
      lines: ({ lines, currency }: InvoiceRow) => lines.map((line) => ({ ...line, currency })),
    },
    StripeInvoiceLine: {
      amount: ({ amount: minor, currency }: LineContent & { currency: string }) => toMoney(minor, currency),
    },
  };
}

const shared = {
  id: ({ _id }: MirrorRow) => _id,
  account: ({ accountId }: MirrorRow) => accountId && { __typename: 'Account', id: accountId },
};

function amount(name: 'total' | 'amountDue' | 'amountPaid' | 'amountRemaining'): Resolver {
  return (row: InvoiceRow) => toMoney(row[name], row.currency);
}

function byReference<R extends MirrorRow>(model: RowModel<R>) {
  return ({ id }: { id: string }, context: SubgraphContext) => loadById(context, model, id);
}

function byId<R extends MirrorRow>(model: RowModel<R>, name: 'customerId' | 'subscriptionId'): Resolver {
  return (row: Readonly<Record<string, string | null>>, _args, context) => {
    const id = row[name];
    return id ? loadById(context, model, id) : null;
  };
}
