import type { Resource } from '../client/stripe-client.ts';
import type { StripeClient } from '../client.ts';
import { type Mapped, mapObject, type Noun } from '../mapping/index.ts';
import type { Candidate } from '../mirror/judge.ts';

/** Where the API has each kind. */
export const RESOURCES: Readonly<Record<Noun, Resource>> = {
  customer: 'customers',
  subscription: 'subscriptions',
  invoice: 'invoices',
};

/**
 * The object as it stands at Stripe now; deleted when it no longer exists there.
 * It was asked for after the event was known, so it is at least as new as the event.
 */
export async function refetch(client: StripeClient, connection: string, seen: Candidate): Promise<Candidate> {
  const { noun, externalId } = seen.mapped;
  const found = await client.get(RESOURCES[noun], externalId);
  if (!found || isDeleted(found.body)) return { ...seen, deleted: true, fetched: true };
  const mapped = mapObject(noun, connection, found.body);
  return { mapped, asOf: Math.max(found.asOf, seen.asOf), deleted: false, fetched: true };
}

/** The customer of an object as it stands at Stripe; null when it does not exist or was deleted. */
export async function fetchCustomer(client: StripeClient, connection: string, id: string): Promise<Candidate | null> {
  const found = await client.get('customers', id);
  if (!found || isDeleted(found.body)) return null;
  const mapped: Mapped = mapObject('customer', connection, found.body);
  return { mapped, asOf: found.asOf, deleted: false, fetched: true };
}

function isDeleted(body: unknown): boolean {
  return (body as { deleted?: unknown } | null)?.deleted === true;
}
