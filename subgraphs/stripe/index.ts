import { defineService } from '../kit/service.ts';
import { createClient } from './client.ts';
import { createResolvers } from './resolvers.ts';
import { startSync } from './sync.ts';
import { createWebhook } from './webhook.ts';

/** Stripe: what customers of the CRM subscribe to, owe and pay. Its ids are the vendor's, so `node(id)` serves none of them. */
export const stripe = defineService({
  name: 'stripe',
  schema: new URL('schema.graphql', import.meta.url),
  createClient,
  resolvers: createResolvers,
  webhook: createWebhook,
  sync: startSync,
});
