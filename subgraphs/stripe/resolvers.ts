import type { Resolvers, Service, SubgraphContext } from '../kit/service.ts';
import type { StripeClients } from './client.ts';
import { stripeModels } from './mirror/models.ts';
import { type CustomerCreateInput, createCustomer } from './mutations/customer-create.ts';
import { type InvoicePayInput, payInvoice } from './mutations/invoice-pay.ts';
import { billingResolvers } from './resolvers/billing.ts';
import { objectResolvers } from './resolvers/objects.ts';
import { queryResolvers } from './resolvers/queries.ts';

/** The subgraph's resolvers. Everything is read from the mirror; only mutations speak to Stripe. */
export function createResolvers(service: Service<StripeClients>): Resolvers {
  const models = stripeModels(service.runtime.store.connection);
  return {
    ...objectResolvers(models),
    ...billingResolvers(models),
    ...queryResolvers(models),
    Mutation: {
      stripeCustomerCreate: (_root, { input }: { input: CustomerCreateInput }, context: SubgraphContext) =>
        createCustomer(service, models.customer, input, context),
      stripeInvoicePay: (_root, { input }: { input: InvoicePayInput }, context: SubgraphContext) =>
        payInvoice(service, input, context),
    },
  };
}
