import type { Connection } from '../kit/connections.ts';
import type { Runtime } from '../kit/service.ts';
import { createStripeClient, type StripeClient } from './client/stripe-client.ts';

export type { StripeClient } from './client/stripe-client.ts';

/** The clients of all connections, each made on first use. */
export type StripeClients = (connection: Connection) => StripeClient;

/** Clients on the runtime's fetch. */
export function createClient({ fetch }: Runtime): StripeClients {
  const clients = new Map<string, StripeClient>();
  return (connection) => {
    const known = clients.get(connection.id);
    if (known) return known;
    const client = createStripeClient(connection, { fetch });
    clients.set(connection.id, client);
    return client;
  };
}
