import { loadById } from '../../kit/load-by-id.ts';
import { listPage } from '../../kit/relay-list.ts';
import type { SubgraphContext } from '../../kit/service.ts';
import type { StripeModels } from '../mirror/models.ts';
import { invoiceList, type ListInput, toListArguments } from './lists.ts';

/** Root queries. Deleted drafts answer as absent; deleted customers are shown as deleted, for their invoices remain. */
export function queryResolvers(models: StripeModels) {
  return {
    Query: {
      stripeCustomer: (_root: unknown, { id }: { id: string }, context: SubgraphContext) =>
        loadById(context, models.customer, id),
      stripeSubscription: (_root: unknown, { id }: { id: string }, context: SubgraphContext) =>
        loadById(context, models.subscription, id),
      stripeInvoice: async (_root: unknown, { id }: { id: string }, context: SubgraphContext) => {
        const row = await loadById(context, models.invoice, id);
        return row?.deletedAt ? null : row;
      },
      stripeInvoices: (_root: unknown, args: ListInput, context: SubgraphContext) =>
        listPage(invoiceList(models), toListArguments(args), context, 'stripeInvoices'),
    },
  };
}
